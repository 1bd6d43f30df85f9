"""The headline figures by PostgreSQL: COPY, the six core tables they come from, one query (postgres.sql).

`python -m benchmarks.yardsticks.postgres SETTINGS CLUSTER` starts the server of `make_cluster` as a child, works,
stops it: its whole CPU is then this command's. The server is Debian's (install.sh); PostgreSQL refuses to run
as root, so it then runs as the user `postgres` that the package makes. Does not live here: what is compared.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.floor import DATASETS, delivered_files, hmac_pads

SCRIPT = Path(__file__).with_name("postgres.sql")
USER = "postgres"
DATABASE = "postgres"
#: What is copied, by data set: the table and its columns, in the order of the file.
TABLES = {
    "emissions": (
        "emission",
        "carnet_number text, first_pass text, last_pass text, face_value text, lot_code text, order_reference text, "
        "territory_code text, prescriber_siret text, issued_on date, delivered_on date, valid_until date, "
        "source_status text, status_on date",
    ),
    "prescriptions": (
        "prescription",
        "prescription_id text, carnet_number text, prescribed_on date, prescriber_siret text, prescriber_name text, "
        "prescriber_type text, territory_code text, beneficiary text, birth_year smallint, gender text, "
        "situation text, pic_answer text, qpv_answer text, source_status text",
    ),
    "utilisations": (
        "redemption",
        "redemption_id text, pass_number text, redeemed_at timestamp, lieu_siret text, lieu_name text, "
        "line_territory_code text, service_code text, session_id text, modality text, duration_minutes integer, "
        "amount text, source_status text, reimbursed_on date, reimbursement_reference text",
    ),
    "services": (
        "service",
        "service_code text, label text, modality text, nominal_minutes integer, nominal_passes integer, level text",
    ),
    "budget": (
        "entry",
        "entry_id text, entered_on date, nature text, category text, amount_net text, amount text, reference text, "
        "order_reference text, ami smallint",
    ),
}
LIEUX = "lieux"


def binaries() -> Path | None:
    """The folder of initdb and postgres, None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def make_cluster(folder: Path, landing: Path) -> Path:
    """A new cluster in `folder`, and a copy of the deliveries that its server may read. Returns `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(landing, folder / "landing")
    return init_cluster(folder)


def init_cluster(folder: Path) -> Path:
    """A new cluster in `folder`, which is made where it is missing, and becomes the server's. Returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{USER}:", str(folder)], check=True)
    command = [
        *_as_server(),
        str(_tool("initdb")),
        "--pgdata",
        str(folder / "data"),
        "--auth",
        "trust",
        "--encoding",
        "UTF8",
    ]
    command += ["--locale", "C.UTF-8", "--username", USER, "--no-sync"]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return folder


def figures(settings: Path, cluster: Path, secret: bytes) -> dict[str, float]:
    """Every indicator of the programme, by its code. The tables are made again at each call."""
    with serving(cluster, "shared_buffers=512MB", "work_mem=256MB", "autovacuum=off", "jit=off"):
        found = psql(cluster, _script(settings, cluster, secret))
    return {code: float(value) for code, value in json.loads(found).items()}


@contextlib.contextmanager
def serving(cluster: Path, *options: str) -> Iterator[None]:
    """The server of a cluster for the time of the block, on a socket of its folder alone; a child of this process."""
    server = [*_as_server(), str(_tool("postgres")), "-D", str(cluster / "data"), "-k", str(cluster)]
    for option in ("listen_addresses=", *options):
        server += ["-c", option]
    with (cluster / "server.log").open("ab") as log:
        process = subprocess.Popen(server, cwd=cluster, stdout=log, stderr=log)
        try:
            _await(cluster)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown
            process.wait()


def _tool(name: str) -> Path:
    folder = binaries()
    if folder is None:
        raise FileNotFoundError("PostgreSQL is not installed: bash benchmarks/yardsticks/install.sh")
    return folder / name


def _as_server() -> list[str]:
    """What goes before a command of the server, so that root does not run it.

    initdb writes to /dev/null: where a container keeps it for root alone, that one right is left to the server.
    """
    if os.getuid() != 0:
        return []
    prefix = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"]
    if not Path(os.devnull).stat().st_mode & 0o002:
        prefix += ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return prefix


def _await(cluster: Path, seconds: float = 30.0) -> None:
    """Wait until the server answers; its own log tells why it does not."""
    ready = [str(_tool("pg_isready")), "--quiet", "--host", str(cluster)]
    until = time.monotonic() + seconds
    while subprocess.run(ready, check=False).returncode != 0:
        if time.monotonic() > until:
            raise TimeoutError((cluster / "server.log").read_text(encoding="utf-8", errors="replace")[-2_000:])
        time.sleep(0.1)


def psql(cluster: Path, script: str, database: str = DATABASE) -> str:
    """What a script says, run as the server's owner. Raises RuntimeError with the server's words."""
    command = [str(_tool("psql")), "--host", str(cluster), "--username", USER, "--dbname", database]
    command += ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2_000:])
    return done.stdout


def _script(settings: Path, cluster: Path, secret: bytes) -> str:
    (programme,) = json.loads((settings / "settings.json").read_text(encoding="utf-8"))
    territories = json.loads((settings / "territories.json").read_text(encoding="utf-8"))
    inner, outer = hmac_pads(secret)
    told = {
        "as_of": programme["as_of"],
        "tolerance": programme["validity_tolerance_months"],
        "state_rate": programme["state_rate"],
        "state_ceiling": programme["state_ceiling_eur"],
        "inner_pad": inner.hex(),
        "outer_pad": outer.hex(),
    }
    lines = [rf"\set {name} '{value}'" for name, value in told.items()]
    lines += ["set client_min_messages = warning;", "drop schema public cascade;", "create schema public;"]
    codes = ", ".join(f"('{row['code_insee']}')" for row in territories)
    lines += ["create unlogged table territory (code_insee text);", f"insert into territory values {codes};"]
    lines.append("set datestyle = 'ISO, DMY';")
    files = delivered_files(cluster / "landing")
    for dataset in DATASETS:
        if dataset == LIEUX:
            table, columns = "lieu_line", ", ".join(f"{name} text" for name in _header(files[dataset][0].path))
        else:
            table, columns = TABLES[dataset]
        lines.append(f"create unlogged table {table} ({columns}, order_read bigserial);")
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        options = f"format csv, header, delimiter '{',' if dataset == LIEUX else ';'}'"
        lines += [f"copy {table} ({names}) from '{file.path}' with ({options});" for file in files[dataset]]
    lines.append("create view lieu as select distinct pivot as lieu_siret from lieu_line;")
    return "\n".join([*lines, SCRIPT.read_text(encoding="utf-8")])


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as handle:
        return [f'"{name}"' for name in handle.readline().strip().split(",")]


if __name__ == "__main__":
    at_settings, at_cluster = (Path(word) for word in sys.argv[1:3])
    words = Path(os.environ["PASSNUM_SECRET_FILE"]).read_bytes().strip()
    json.dump(figures(at_settings, at_cluster, words), sys.stdout)
