"""Tools that measure a running Earshot, or try it for a long time: `make bench`, `make soak`."""
