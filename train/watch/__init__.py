"""A page that shows a training in progress: it reads what the loop writes, and asks judges."""
