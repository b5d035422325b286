"""The model file: the published generator and what it says about itself."""
