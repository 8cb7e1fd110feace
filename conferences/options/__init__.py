"""What can be chosen beside a button: one form per command, with Telnyx's limits and errors in words.

A form cleans to what the client's method takes, by the names of its parameters; empty is not sent.
"""
