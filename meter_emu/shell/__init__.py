"""What both command lines, meter-emu and pln-sim, share with the world outside: files, options, errors, the process.

console.py       one line for an error, exit codes, options that mean the same everywhere
lazy_group.py    commands imported when they are used;  startup.py a quick start
home.py          the folder all files are in;  database.py a durable private SQLite file
input_file.py    a file a user names, read whole
key_file.py      vending keys on disk;  key_options.py the options that name a key;  tables_file.py STA tables
"""
