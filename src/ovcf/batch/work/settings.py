"""What results are made with, and the key of one: equal keys are equal results, whoever computed them, and when."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ovcf.errors import OutputError
from ovcf.workflow.from_files import digest
from ovcf.workflow.software import software, software_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ovcf.batch.store.store import Store

NAME = "batch.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Program, models and parameters of a batch: one place of results has one."""

    software: str
    software_sha256: str
    models: Mapping[str, str]
    engine: str = "builtin"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def key(self, inputs: Sequence[tuple[str, str]], options: Mapping[str, Any]) -> str:
        """The key of a result, 64 hexadecimal digits: of names and SHA-256 of the inputs, and what was said of them."""
        said = {"settings": asdict(self), "inputs": list(inputs), "options": dict(options)}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def settings(engine: str = "builtin") -> Settings:
    """Those of this installation.

    Raises:
        LabelSchemeError: no engine is called so.
    """
    from ovcf.segmentation.engine import declared
    from ovcf.segmentation.network.model_files import digests

    models = {name: digests()[name] for name in declared(engine).models}
    return Settings(software=software(), software_sha256=software_sha256(), models=models, engine=engine)


def agree(store: Store, wanted: Settings) -> None:
    """Keep the settings with the results, or see that those there are the same.

    Raises:
        OutputError: what is there was made with another program, model or parameters.
    """
    content = json.dumps(asdict(wanted), indent=1, sort_keys=True).encode() + b"\n"
    if store.put_new(NAME, content):
        return
    there = json.loads(store.get(NAME) or b"{}")
    ours = json.loads(content)
    if there != ours:
        differs = ", ".join(name for name in ours if there.get(name) != ours[name])
        raise OutputError(
            store.url,
            f"holds results of a batch with another {differs}",
            "Choose another place: results of two versions must not stand in one table.",
        )


def inputs_of(paths: Sequence[Path], clinical: Path | None) -> list[tuple[str, str]]:
    """Names and SHA-256 of what a study is made of: where it lies does not count, how its files are called does."""
    found = [("" if path.is_dir() else path.name, digest(path)) for path in paths]
    return found + ([] if clinical is None else [("clinical", digest(clinical))])
