"""Many tokens at once: the decoder of ``tokens/codec.py`` over arrays, bit for bit the same, thirty times as fast and more.

digits.py           20 digits to a class and a block
bit_planes.py       64 blocks on their side: bit i of all of them in one array
boolean_network.py  an S-box as a short row of ANDs and XORs
sta.py              EA07 over bit planes
misty1.py           EA11 over tables of 16 bits
cipher.py           the bulk cipher of each encryption algorithm
crc.py              the checksum
codec.py            digits in, tokens and refusals out
keys.py             decoder keys of many meters of one supply group

Needs numpy (the extra ``audit``). Every cipher takes one key for all blocks or another key for each, by the same way and at
about the same speed. How each is done was chosen by measurement, one core, nanoseconds for one block:

    EA07   70   numpy, bit planes; 80 with a key for each block
          100   numpy, look-up tables of bytes; one key for all only
          700   Python's own big integers as bit planes
         4200   the single cipher with its key at hand
    EA11   36   numpy, look-up tables of 16 bits; 50 with a key for each block
         5700   the single cipher with its key at hand

Around the cipher, 20 characters to a block take 80, the rest 40. A key takes 210 with DKGA02 and 570 with DKGA04.
"""
