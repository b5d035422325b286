"""The curators' lists: text files read, and each entry resolved to the images it means."""
