"""Makes a Django project out of NNN_name.up.sql files: django_project.py MIGRATIONS PROJECT"""
import pathlib
import sys

migrations, project = map(pathlib.Path, sys.argv[1:3])
steps = project / "app" / "migrations"
steps.mkdir(parents=True)
(project / "app" / "__init__.py").write_text("")
(steps / "__init__.py").write_text("")
(project / "settings.py").write_text(
    """import os
from urllib.parse import unquote, urlsplit

url = urlsplit(os.environ["DATABASE_URL"])
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "HOST": url.hostname,
    "PORT": url.port, "USER": unquote(url.username), "PASSWORD": unquote(url.password or "")}}
INSTALLED_APPS = ["app"]
SECRET_KEY = "none"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
)
(project / "manage.py").write_text(
    """import os
import sys
from django.core.management import execute_from_command_line

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
)
before = None
for file in sorted(migrations.glob("*.up.sql"), key=lambda file: int(file.name.split("_")[0])):
    name = file.name.removesuffix(".up.sql")
    (steps / f"{name}.py").write_text(
        f"""from django.db import migrations


def run(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute({file.read_text()!r})


class Migration(migrations.Migration):
    dependencies = {[("app", before)] if before else []!r}
    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
"""
    )
    before = name
