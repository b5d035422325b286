"""The mark a site lays over its images, learnt from the images alone."""
