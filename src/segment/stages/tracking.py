"""What a run tells the tracker: each stage's records, the models, and where to find them again."""

from __future__ import annotations

from dataclasses import dataclass

from segment.stages.base import OpenStudy, Receipt
from segment.tracking.mlflow_log import StudyRun, Tracker
from segment.tracking.records import from_frame
from segment.tracking.registry import register_challenger


@dataclass
class Recording:
    """One run of a study on its way to MLflow."""

    opened: OpenStudy
    run: StudyRun

    @classmethod
    def of(cls, opened: OpenStudy) -> Recording:
        """A recording for a study; nothing is created until a stage has really run."""
        config = opened.config
        tracker = Tracker.of(opened.workspace, config.tracking.experiment or config.study)
        tags = {"study": config.study, "data": str(config.data), "study_digest": opened.digest[:16]}
        return cls(opened, StudyRun(tracker, config.study, tags))

    def take(self, receipt: Receipt) -> None:
        """Send one stage's records; a stage that was skipped sends them only when a later one runs."""
        records = from_frame(self.opened.store.read(f"records_{receipt.stage}"))
        self.run.log_stage(receipt.stage, records, said=receipt.said, skipped=receipt.skipped)
        if receipt.skipped or not self.opened.config.tracking.register_models:
            return
        for record in records:
            if record.kind == "model" and self.run.run_id is not None:
                register_challenger(
                    self.run.tracker,
                    study=self.opened.config.study,
                    model=record.value,
                    file=self.opened.store.model_path(record.value),
                    run_id=self.run.run_id,
                )

    def end(self, *, failed: bool) -> None:
        """Close the run."""
        if self.run.run_id is not None:
            for name, (number, digest) in self.opened.anchor.heads().items():
                self.run.tracker.client().set_tag(self.run.run_id, f"head.{name}", f"{number} {digest}")
        self.run.end(failed=failed)
