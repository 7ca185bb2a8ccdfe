"""What an elementary function is, how it is written and called, and the table of all of them."""
