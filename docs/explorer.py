"""Carnet marimo des analystes : d'un indicateur à ses découpages, dans la version publiée.

Ouvrir : `marimo edit docs/explorer.py` (ou `marimo run`). Sans écran : `python docs/explorer.py`.
Le fichier lu est data/warehouse/passnum.duckdb, ou celui de PASSNUM_HOME.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Pass Numérique : explorer un indicateur")


@app.cell
def _():
    import os
    from pathlib import Path

    import altair as alt
    import duckdb
    import marimo as mo

    chemin = (Path(os.environ.get("PASSNUM_HOME", "data")) / "warehouse" / "passnum.duckdb").resolve()
    con = duckdb.connect(str(chemin), read_only=True)
    return alt, con, mo


@app.cell
def _(con, mo):
    as_of, est_demo = con.sql("select as_of, is_demo from quality.build order by build_id desc limit 1").fetchone()
    mo.md(f"""
    # Explorer un indicateur

    Données au {as_of:%d/%m/%Y}{" (données de démonstration)" if est_demo else ""}.
    """)
    return


@app.cell
def _(con, mo):
    libelles = dict(
        con.sql("""
            select label, code from marts.indicator
            inner join proof.measure using (code)
            where rule = 'sum' and by_territory order by marts.indicator.rank
        """).fetchall()
    )
    choix = mo.ui.dropdown(libelles, value="Heures de formation", label="Indicateur")
    choix
    return (choix,)


@app.cell
def _(choix, con):
    par_mois = con.execute("select month, value from metric(?, by := 'month') order by month", [choix.value]).df()
    par_territoire = con.execute(
        """
        select territory_name as territoire, value as valeur
        from metric(?, by := 'territory')
        inner join core.dim_territory using (territory_code)
        order by valeur desc
        """,
        [choix.value],
    ).df()
    return par_mois, par_territoire


@app.cell
def _(alt, choix, mo, par_mois):
    courbe = (
        alt.Chart(par_mois)
        .mark_bar()
        .encode(x=alt.X("month:T", title=None), y=alt.Y("value:Q", title=choix.selected_key))
        .properties(width="container", height=240)
    )
    mo.ui.altair_chart(courbe) if mo.running_in_notebook() else courbe
    return


@app.cell
def _(con, choix, par_mois, par_territoire):
    # Les deux découpages font le chiffre publié : c'est la règle de tout l'entrepôt.
    (publie,) = con.execute("select value from marts.programme_progress where indicator = ?", [choix.value]).fetchone()
    for decoupage in (par_mois["value"], par_territoire["valeur"]):
        assert abs(decoupage.sum() - publie) < 1e-6 * max(1, publie)
    publie
    return


@app.cell
def _(mo, par_territoire):
    mo.ui.table(par_territoire)
    return


if __name__ == "__main__":
    app.run()
