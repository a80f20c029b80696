"""The meter on a screen. It draws a Display and sends keys; it knows no rule of the meter and nothing of who sells tokens.

What is where, as values:
  layout.py    the places of a window of any size;  geometry.py rectangles
  face.py      the meter's face;  panels/ house, test bench, shop, inside of the token
  stage.py     all of it as one scene;  scene.py what a scene is made of;  sheet.py how a part of one is put together
  captions.py  every word in two languages;  palette.py colours;  glyphs.py the LCD's letters;  typeface.py widths of letters
  view.py      what is shown beside the meter;  reading.py the meter's numbers;  history.py, house.py, shop.py, token_story.py

What happens:
  desk.py      actions in, scenes out;  actions.py;  meter_clock.py;  clerk.py the shop's thread;  script.py scripted runs
  wall_meter.py  the meter as it is handed in

With pygame:
  window.py    events and frames;  buzzer.py;  quiet.py;  picture.py screenshots and recordings;  apng.py
  painter.py   paints what changed;  drawing.py each kind of item;  letters.py
"""
