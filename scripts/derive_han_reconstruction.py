"""Write the packaged cohort reconstructed from the published counts of HAN 2025 (no patient data: counts only).

``python -m scripts.derive_han_reconstruction`` rewrites src/ovcf/cohort/tables/han_2025_reconstructed.csv; the search
takes some seconds and always ends at the same table.
"""

import csv
import io
from pathlib import Path

from ovcf.cohort.published.han_2025 import reconstructed

TARGET = Path(__file__).resolve().parents[1] / "src" / "ovcf" / "cohort" / "tables" / "han_2025_reconstructed.csv"


def as_csv() -> str:
    """The reconstructed patients, sorted by their values and numbered R001 to R208."""
    rows = sorted(reconstructed(), key=lambda row: [str(v) for v in row.values()])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["patient_id", *rows[0]])
    for i, row in enumerate(rows, start=1):
        writer.writerow([f"R{i:03d}", *(int(v) if isinstance(v, bool) else v for v in row.values())])
    return out.getvalue()


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(as_csv(), encoding="utf-8")
    print(TARGET)
