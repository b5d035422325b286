"""Lists of addresses of pictures, asked for as any site is: one guest at many hosts."""
