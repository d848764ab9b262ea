"""Asks one library every point, in whatever environment it is installed, and prints the answers as JSON.

python benchmarks/neighbours/worker.py NAME
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from neighbours.probes import asked, version
from neighbours.subjects import LIBRARIES

if __name__ == "__main__":
    name = sys.argv[1]
    library = LIBRARIES[name]()
    print(json.dumps({"version": version(library, name), "rows": asked(library)}))
