"""The variants of the images that stay, and which of them are held out."""
