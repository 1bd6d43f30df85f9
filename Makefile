# passnum: `make run` shows the product, `make test` proves it. Both install what they need, once.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
HOME_DIR ?= data
CARNETS ?= 38000
PORT ?= 8501
WORKERS ?= 2
BIN := .venv/bin
# What the unit tests alone reach: to be raised, never lowered. The floor of the whole is in pyproject.toml.
UNIT_FLOOR := 57
# Files are given out whole, for the fixtures of a module, in the order of tests/conftest.py: the long ones first.
WHOLE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Tests start tens of processes: what Python compiles is kept, even where the machine asks it not to be.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo check model test roads test-all test-unit test-browser browser lint types sql format hooks coverage coverage-unit lock \
	parse serve dagster week state mutations dictionary licences docs pictures document-pictures fuzz chaos bench readers \
	lake-trial spark test-scale clean

help: ## Cette aide
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed ## Installer l'environnement (une seule fois)

# The stamp depends on what is locked: a second call, or a pull that changes no dependency, installs nothing.
# Libraries are compiled here, once: where Python may write no bytecode (a container, a folder of another user), every
# command would otherwise compile them again before it starts.
.venv/.installed: requirements.lock requirements-uv.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 est nécessaire ($(PYTHON) introuvable)." >&2; exit 1; }
	@echo "Installation de l'environnement dans .venv…"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock requirements-uv.lock
	@$(BIN)/python -m ensurepip --upgrade >/dev/null
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@if [ -z "$$(find $(HOME_DIR)/landing -type f 2>/dev/null | head -1)" ] && [ ! -d $(HOME_DIR)/lake ]; then \
		echo "La zone de dépôt est vide : des données de démonstration vont être fabriquées (noms fictifs)."; \
		$(BIN)/passnum simulate --out $(HOME_DIR)/landing --carnets $(CARNETS); \
	fi

run: demo ## Montrer le produit : données de démonstration si la zone de dépôt est vide, passage, tableaux de bord
	@$(BIN)/passnum run --home $(HOME_DIR) || [ $$? -eq 3 ] # refusée : les pages montrent la dernière bonne version
	@$(BIN)/passnum dashboard --home $(HOME_DIR) --port $(PORT)

browser: setup
	@bash tests/browser/install.sh

# The three of a change: seconds after a line of Python, seconds after a line of SQL, minutes before a push.
check: setup ## Style, types et tests unitaires, sauf les lents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary & types=$$!; code=0; \
		$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not slow" --part short tests/unit || code=1; \
		wait $$types || code=1; exit $$code

model: setup ## Un seul modèle dbt, ses tests unitaires et ses contrôles : make model NAME=fct_redemption
	@$(BIN)/python -m tests.one_model $(NAME)

test: setup browser ## Chaque règle : unités, jeu de référence, pages, navigateur (sans les fichiers longs, ni les unités lentes)
	@$(BIN)/python -m pytest -q $(WHOLE) --part short

# CI runs the unit tests apart (tests/turns.py).
roads: setup browser ## Ce que l'intégration continue ajoute aux unités : test, et les fichiers longs du jour
	@$(BIN)/python -m pytest -q $(WHOLE) --part turn --ignore=tests/unit

test-unit: setup ## Les tests qui durent des secondes
	@$(BIN)/python -m pytest -q $(WHOLE) tests/unit

test-all: setup browser ## Tout : les fichiers longs, et chaque combinaison de leurs parcours (docs/tests.md)
	@$(BIN)/python -m pytest -q $(WHOLE) --exhaustive

# Python 3.11 pays a measure by half as much time again: CI measures the unit tests, some days, a release the whole.
coverage-unit: setup ## test-unit, en mesurant les lignes et branches parcourues (plancher : UNIT_FLOOR)
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest -q $(WHOLE) tests/unit --cov --cov-report= --cov-fail-under=0
	@$(BIN)/coverage report --format=total --fail-under=$(UNIT_FLOOR)

coverage: setup browser ## Tous les fichiers, en mesurant les lignes et branches parcourues (un plancher : pyproject.toml)
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest -q $(WHOLE) --cov --cov-report= --cov-fail-under=0
	@$(BIN)/coverage combine --append --quiet 2>/dev/null || true # processes that ended late; a killed one leaves half a file
	@rm -f .coverage.*
	@$(BIN)/coverage report --format=total

test-browser: setup browser ## Les pages, dans un vrai navigateur et sans
	@$(BIN)/python -m pytest -q tests/browser tests/pages

lint: setup types sql ## Style du code, sens des imports, types, style du SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@! git grep -nE '^(<{7}|>{7})( |$$)' # a merge left half done
	@$(BIN)/lint-imports --no-logo --no-cache

types: setup ## Types du code (mypy)
	@$(BIN)/mypy

sql: setup ## Style du SQL (sqlfluff)
	@$(BIN)/sqlfluff lint --processes $(WORKERS) dbt_project/models dbt_project/tests

hooks: setup ## Les mêmes vérifications avant chaque commit (pre-commit)
	@$(BIN)/pre-commit install

format: setup ## Mettre le code en forme
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

parse: setup ## Lire le projet dbt une fois, pour un code ensuite en lecture seule
	@$(BIN)/python -c 'from warehouse.build import transform; transform.parsed_project(); transform.load()'

serve: setup ## Tenir ensemble planification, interface de Dagster (http://localhost:3000) et pages ; Ctrl+C arrête tout
	@exec $(BIN)/passnum serve --home $(if $(filter file,$(origin HOME_DIR)),$(or $(PASSNUM_HOME),$(HOME_DIR)),$(HOME_DIR)) --port $(PORT)

dagster: serve ## La même chose (ancien nom)

mutations: setup ## Casser chaque règle une fois et dire qui le remarque (docs/mutations.md)
	@$(BIN)/python -m tests.mutations

dictionary: setup ## Refaire docs/dictionnaire.md depuis les modèles, et qui les lit depuis le code
	@$(BIN)/python -m orchestration.exposures
	@$(BIN)/python -m warehouse.build.dictionary

docs: setup ## Le site dbt (lignage, SQL) en une page : data/reports/dbt/index.html
	@$(BIN)/python -m warehouse.build.site $(HOME_DIR)

pictures: setup browser ## Chaque page en image : large, sombre, téléphone, agrandie, imprimée (docs/images/pages-*.webp)
	@$(BIN)/python -m tests.browser.pictures --home $(HOME_DIR)

document-pictures: setup browser ## Les documents émis d'une année, en images (docs/documents.md) ; YEAR=2022, LETTERS=dossier des lettres
	@$(BIN)/python -m tests.browser.document_pictures --home $(HOME_DIR) --letters $(or $(LETTERS),$(HOME_DIR)) --year $(or $(YEAR),2022)

fuzz: setup ## Le lecteur face à 100 000 fichiers tordus
	@$(BIN)/python -m tests.fuzz

week: setup ## Une semaine dans Dagster, essayée pour de vrai : sept minutes (docs/exploitation.md)
	@PASSNUM_WEEK=1 $(BIN)/python -m pytest -q tests/integration/road/test_week.py

state: setup ## Les lieux publiés, relus par la bibliothèque de l'État (elle vient de npm) : une minute
	@PASSNUM_STATE=1 $(BIN)/python -m pytest -q tests/integration/reporting/test_states_library.py

chaos: setup ## Tuer, remplir, abîmer, croiser des centaines de passages : écrit docs/chaos.md (une demi-heure)
	@$(BIN)/python -m tests.chaos

bench: setup browser ## Les mesures de vitesse, en parts du plancher : écrit docs/performance.md (une bonne heure)
	@bash benchmarks/yardsticks/install.sh || echo "PostgreSQL absent : il ne sera pas mesuré." >&2
	@$(BIN)/python -m benchmarks

readers: setup browser ## Ce qu'attendent huit lecteurs à la fois : écrit docs/lecteurs.md (un quart d'heure)
	@$(BIN)/python -m benchmarks.readers --write

lake-trial: setup ## Le lac partagé à plusieurs, passages tués compris : écrit docs/echelle-lac.md (cinq minutes, après make run)
	@$(BIN)/python -m tests.integration.lake.trial 240 $(HOME_DIR)/warehouse/passnum.duckdb

spark: .venv-spark/.installed ## Le second moteur, Apache Spark : Java et un environnement à part (docs/echelle.md)

.venv-spark/.installed: requirements-spark.lock | setup
	@bash warehouse/build/spark/install.sh
	@echo "Installation de Spark dans .venv-spark…"
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@$(BIN)/uv pip sync --quiet --require-hashes --python .venv-spark/bin/python requirements-spark.lock
	@touch $@

test-scale: setup spark ## Les deux moteurs, chaque table ligne à ligne, sur deux démonstrations (un quart d'heure)
	@PASSNUM_SCALE=1 $(BIN)/python -m pytest -q -s tests/scale

licences: setup ## Les bibliothèques, leurs versions et leurs licences (docs/dependances.md)
	@$(BIN)/python -m tests.dependencies

lock: setup ## Recalculer requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra dev --extra lake --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--quiet --output-file requirements.lock
	@sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-uv.lock > .venv/uv.in
	@$(BIN)/uv pip compile .venv/uv.in --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --quiet --output-file requirements-uv.lock
	@$(BIN)/uv pip compile pyproject.toml --extra spark --constraint requirements.lock --python-version 3.11 --generate-hashes \
		--no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet \
		--output-file requirements-spark.lock

clean: ## Retirer l'environnement et les fichiers de travail (jamais data/)
	@rm -rf .venv .venv-spark .pytest_cache .ruff_cache .mypy_cache .hypothesis .golden dbt_project/target dbt_project/logs
