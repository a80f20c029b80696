"""``pln-sim``, the command line of the supply side. Importing it loads no command; each is loaded when it is called."""
