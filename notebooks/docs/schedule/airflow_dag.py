"""An Airflow DAG that audits each night; it needs apache-airflow-providers-papermill."""

import json
from datetime import UTC, datetime
from pathlib import Path

from airflow.exceptions import AirflowFailException
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.sdk import dag, task

HOME = "/srv/settle-core"
RUN = "/srv/runs/{{ ts_nodash }}"


@dag(schedule="15 3 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False)
def settle_audit() -> None:
    """Run the audit's notebook, and fail unless its verdict is good."""
    audit = PapermillOperator(
        task_id="audit",
        input_nb=f"{HOME}/notebooks/audit/settled_weeks.ipynb",
        output_nb=f"{RUN}.ipynb",
        parameters={"export": "/srv/exports/today", "profile": "rails", "run_dir": RUN},
    )

    @task
    def judge(run: str) -> None:
        """Papermill succeeds when the notebook ran: the verdict is in the run's summary."""
        summary = json.loads((Path(run) / "summary.json").read_text("utf-8"))
        if summary["exit_code"]:
            raise AirflowFailException(f"{summary['verdict']}: {run}")

    audit >> judge(RUN)


settle_audit()
