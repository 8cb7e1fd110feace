"""Django's SQLite engine, for tests: it alone may empty the command log between two tests."""
