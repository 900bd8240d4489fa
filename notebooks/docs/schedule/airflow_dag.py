"""An Airflow DAG that audits each night, by the command: Airflow's own Python needs none of it."""

from datetime import UTC, datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag

SETTLE = "/srv/settle-core/.venv/bin/settle"
AUDIT = f"{SETTLE} audit /srv/exports/today --profile rails --series shop --runs /srv/runs"


@dag(schedule="15 3 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False)
def settle_audit() -> None:
    """Fail on any exit code but 0, and say in the task's log what an alert says."""
    BashOperator(
        task_id="audit",
        bash_command=f'told="$({AUDIT})"; code=$?; run="$(echo "$told" | tail -n 1)"; '
        f'if [ -d "$run" ]; then {SETTLE} alert "$run"; fi; exit $code',
    )


settle_audit()
