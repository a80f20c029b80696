"""The panels beside the meter, each a function from values to a part of the scene.

house.py   load, power, credit, the plot;  bench.py   supply, clock, tamper
shop.py    products;  slip.py the slip;    inside.py  the last token taken apart
card.py    what all of them stand on
"""
