// Carousel images are asked for when they come near the window, in the square that fits.
"use strict";

const near = new IntersectionObserver(
  (entries) => {
    for (const { target } of entries.filter((e) => e.isIntersecting)) {
      const widths = target.dataset.lazySweetSpotDerivateWidths.split(",").map(Number);
      const width = widths.find((w) => w >= target.clientWidth) || widths.at(-1);
      target.src = target.dataset.lazySweetSpotMasterSrc.replace("_SIZE_", width);
      target.classList.remove("js-lazy");
      near.unobserve(target);
    }
  },
  { rootMargin: "200px" },
);
document.querySelectorAll("img.js-lazy").forEach((image) => near.observe(image));
