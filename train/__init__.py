"""GANs: networks, losses, one training loop, and how samples are judged."""
