"""Makes an Alembic project out of NNN_name.up.sql files: alembic_project.py MIGRATIONS PROJECT"""
import pathlib
import sys

migrations, project = map(pathlib.Path, sys.argv[1:3])
(project / "versions").mkdir()
(project / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s\n")
(project / "script.py.mako").write_text("")
(project / "env.py").write_text(
    """import os
from alembic import context
from sqlalchemy import create_engine

with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""
)
before = None
for file in sorted(migrations.glob("*.up.sql"), key=lambda file: int(file.name.split("_")[0])):
    version = file.name.split("_")[0]
    (project / "versions" / f"{file.name.removesuffix('.up.sql')}.py").write_text(
        f"""from alembic import op

revision = {version!r}
down_revision = {before!r}


def upgrade():
    op.get_bind().exec_driver_sql({file.read_text()!r})
"""
    )
    before = version
