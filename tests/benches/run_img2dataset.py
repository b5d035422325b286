"""What `tests.benches.scrape` runs in the environment of img2dataset, which has nothing of Salon.

As a program: ``python tests/benches/run_img2dataset.py ADDRESS COUNT THREADS``.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path


def fetch(address: str, count: int, threads: int, folder: Path) -> int:
    """Fetch ``count`` images into tars, the bytes as they are; returns how many came."""
    from img2dataset import download

    urls = folder / "urls.txt"
    urls.write_text("".join(f"{address}/{number}.jpg\n" for number in range(count)))
    download(
        url_list=str(urls),
        output_folder=str(folder / "out"),
        output_format="webdataset",
        input_format="txt",
        processes_count=1,
        thread_count=threads,
        resize_mode="no",
        disable_all_reencoding=True,
        compute_hash="sha256",
        number_sample_per_shard=1_000,
        enable_wandb=False,
    )
    done = (json.loads(path.read_bytes()) for path in (folder / "out").glob("*_stats.json"))
    return sum(int(each["successes"]) for each in done)


def main(address: str, count: int, threads: int) -> None:
    """Print what it took, as `tests.benches.scrape.run_one` does."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        fetched = fetch(address, count, threads, Path(folder))
        seconds = time.monotonic() - started
    if fetched != count:
        raise SystemExit(f"img2dataset: {fetched} of {count} images came")
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(each.ru_utime + each.ru_stime for each in used)
    sys.stdout.write(f"\n{json.dumps({'wall': seconds, 'cpu': cpu})}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
