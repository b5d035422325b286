"""What is changed on images before the discriminator sees them."""
