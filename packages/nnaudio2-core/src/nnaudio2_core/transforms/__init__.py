"""Hold: modules that check arguments, build once, and apply."""
