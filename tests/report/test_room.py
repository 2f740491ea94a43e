import subprocess
import sys


def test_importing_the_room_is_light():
    code = "import sys, glutebal.report; print({'matplotlib', 'pandas', 'scipy', 'jinja2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_words_and_tables_need_no_plotting():
    code = (
        "import sys, glutebal.report.words, glutebal.report.tables; print({'matplotlib', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
