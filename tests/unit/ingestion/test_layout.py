"""A layout is recognised by what makes it this export, not by words of any list (exports §3). Case 02."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.mapping import MappingError, propose
from ingestion.refusal import Refusal
from tests.unit.ingestion.kit import ROWS, read, write_csv

MANDATS = (
    "Exercice;N° mandat;Service;Libellé;Tiers;Montant\n2023;101;DSI;Location de copieurs;SOCIETE EXEMPLE;980,00\n"
    "2023;102;DSI;Fournitures;SOCIETE EXEMPLE;12,00\n2023;103;DRH;Formation incendie;SOCIETE EXEMPLE;450,00\n"
)
OTHER_LISTS = {
    "mandats of a finance department": MANDATS,
    "two words alone": "Service;Libellé\nDSI;Informatique\nDRH;Personnel\nDAF;Finances\n",
    "header only": "Service;Libellé;Montant\n",
    "directory of departments": "Code service;Libellé;Direction;Site;Responsable\nDSI;Info;DGA;A;B\nDRH;Pers;DGA;C;D\n",
    "invoices by department": "Code service;Libellé;Montant\nDSI;Écran;10\nDSI;Souris;5\nDSI;Clavier;7\nDRH;Papier;2\n",
    "trainings": "Service;Intitulé;Durée;Niveau\nDSI;Sécurité;14;Expert\nDRH;Paie;7;Débutant\nDAF;TVA;3;Expert\n",
    "rooms": "Service;Libellé;Mode;Durée\nA;Salle;Location;1\nB;Cour;Prêt;2\nC;Hall;Prêt;3\n",
    "ledger": "Écriture;Date comptable;Nature;Catégorie;TTC\n1;01/02/2022;Dépense;Fluides;10\n"
    "2;01/02/2022;Recette;Dons;1\n3;02/02/2022;Dépense;Achats;5\n",
    "ledger with technical words": "N° écriture;Date écriture;Nature;Catégorie;Montant HT;Montant TTC;Référence\n"
    "1;01/02/2022;D;6;10;12;a\n2;01/02/2022;R;7;10;12;b\n3;01/02/2022;R;7;10;12;c\n",
    "departments under technical words": "code_service;libelle\nDRH;Ressources humaines\n",
    "budget of departments": "code_service;libelle;budget;exercice\nDRH;Ressources humaines;1000;2023\n",
    "transport passes": "Service;Libellé;Nombre de pass;Agent\nDRH;Pass Navigo;3;X\n",
    "days a department takes": "Service;Libellé;Durée nominale\nUrba;Instruction;3\nEtat civil;Acte;2\n",
    "days a numbered department takes": "Service;Libellé;Durée nominale\nU-1;Instruction;3\nE-2;Acte;2\n",
    "amounts of a health department": "Code SAN;Libellé;Montant\nSAN 0012;Santé;1\n",
    "one training": "Service;Libellé;Modalité\nFOR-1;Excel;collectif\n",
    "trainings of one kind": "Service;Libellé;Modalité\nFOR-1;Excel;collectif\nFOR-2;Word;collectif\n",
    "another prescription": "Prescription;Carnet;Date de remise;INSEE;Etat\nR1;12;03/12/2021;75056;validée\n",
    "structures of social inclusion": "id,siret,nom,commune,code_postal,code_insee,adresse,longitude,latitude,"
    "typologie,telephone,courriel,site_web,presentation_resume,presentation_detail,date_maj,structure_parente,thematiques,rna\n"
    "s-1,x,CCAS,Lyon,69000,69123,1 rue A,1,2,CCAS,,,,,,2022-01-01,,aide,W1\n"
    "s-2,y,MDS,Lyon,69000,69123,2 rue A,1,2,MDS,,,,,,2022-01-01,,aide,W2\n"
    "s-3,z,PIMMS,Lyon,69000,69123,3 rue A,1,2,PIMMS,,,,,,2022-01-01,,aide,W3\n",
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_LISTS)
def test_any_other_list_is_no_export(name: str) -> None:
    """Two common words (Service, Libellé) are no catalogue of services."""
    with pytest.raises(Refusal) as caught:
        read(OTHER_LISTS[name])
    assert caught.value.reason == "unknown_layout"


def test_the_refusal_says_what_would_make_it_the_export() -> None:
    with pytest.raises(Refusal) as caught:
        read(MANDATS)
    assert "« Service », « Libellé »" in caught.value.explanation
    assert "nb_pass" in caught.value.remedy


CATALOGUES = [
    "code_service;libelle\nA;un\n",
    "code_service;libelle\n",
    "Code Service;LIBELLÉ;couleur\na;un;bleu\nb;deux;vert\n",
    "Service;Libellé;Modalité\nA;un;individuel\nB;deux;collectif\nC;trois;\n",
    "Service;Libellé;Niveau;Remarque;Auteur;Date\nA;un;découvrir;;;\nB;deux;maîtriser;;;\n",
    "Service;Libellé;Nombre de pass\nA;un;1\n",
    "Service;Intitulé\nSAN-01;Naviguer\nSAN-02;Écrire\n",
    "SAN;Libellé\nX;Naviguer\n",
    "code_service;Libellé;Remarque;Auteur;Vu le\nA;un;;;\n",
    "code_service;libelle\nSAN-01;Naviguer\n",
    "code_service;libelle;modalite\nNAV;Naviguer;collectif\nMAIL;Écrire;individuel\n",
    "Service;Libellé;Modalité\nSAN-01;Naviguer;collectif\n",
    "Service;Libellé;Durée nominale\nSAN-01;Naviguer;90\nSAN-02;Écrire;60\n",
    "Code SAN;Libellé;Nombre de pass;Montant\nSAN-01;Naviguer;1;10\n",
]


@pytest.mark.parametrize("text", CATALOGUES)
def test_a_catalogue_is_known_by_its_own_names_or_its_values(text: str) -> None:
    """Where values can tell, they decide: modalities, levels, codes of services d’accompagnement numérique."""
    assert read(text).contract.layout == "services"


@pytest.mark.parametrize("dataset", ROWS)
def test_an_export_whose_values_are_all_wrong_is_still_this_export(dataset: str) -> None:
    """Its lines are rejected one by one, with their reasons: the header alone says whose they are."""
    wrong = dict.fromkeys(ROWS[dataset], "???")
    assert read(write_csv(dataset, wrong, wrong, wrong, wrong)).contract.dataset == dataset


def test_common_headers_with_the_values_of_the_export_are_the_export() -> None:
    """A budget under the words of a ledger: natures and categories are ours."""
    lines = "\n".join(f"{n};15/03/2021;mandatement;valeur_faciale;10,00" for n in range(5))
    assert read(f"Écriture;Date comptable;Nature;Catégorie;TTC\n{lines}\n").contract.layout == "budget"


NATIONAL = (
    "Identifiant;SIRET;Nom;Ville;CP;Adresse;Mis à jour le;Services;Typologie\n"
    "L-1;21940080900014;Médiathèque;Vincennes;94300;1 rue A;02/06/2022;"
    "Accès internet et matériel informatique|Aide aux démarches administratives;BIB\n"
)


@pytest.mark.parametrize("more", ["", "L-2;21940080900015;Espace;Vincennes;94300;2 rue A;02/06/2022;;BIB\n"])
def test_a_directory_under_common_words_is_known_by_the_national_lists(more: str) -> None:
    """Where values can tell, they decide: services of the national standard are those of lieux de médiation."""
    assert read(NATIONAL + more).contract.layout == "lieux"
    with pytest.raises(Refusal, match="bien des listes"):
        read(
            (NATIONAL + more).replace(
                "Accès internet et matériel informatique|Aide aux démarches administratives", "Voirie"
            )
        )


def test_a_prescription_under_common_words_is_known_by_its_carnet() -> None:
    """A carnet has a long number: a short one is a number of anything."""
    text = "Prescription;Carnet;Date de remise;INSEE;Etat\nR1;MGP-2021-000123;03/12/2021;75056;validée\n"
    assert read(text).contract.layout == "prescriptions"


@pytest.mark.parametrize("name", ["mandats of a finance department", "departments under technical words"])
def test_map_refuses_what_check_refuses(tmp_path: Path, name: str) -> None:
    """Every header is known, and the file would still be refused: map says that, not « rien à enregistrer »."""
    path = tmp_path / "x_2022-12-31.csv"
    path.write_text(OTHER_LISTS[name], encoding="utf-8")
    with pytest.raises(MappingError, match="bien des listes"):
        propose([path])


DIRECTORIES = {
    "a real list of places": "Nom de la structure,Adresse,Code postal,Ville,SIRET,Téléphone,Services proposés,Heures\n"
    "Espace A,1 rue A,75018,Paris,21750001600019,0139980000,Initiation,9h\n"
    "Espace B,2 rue B,93000,Bobigny,21930008800013,0139980001,Aide,9h\n",
    "an English one": "id;title;address;zipcode;city;services;phone;website\n"
    "a1;Fabrique;1 rue A;75018;Paris;Aide;01;http://a\na2;Maison;2 rue B;93000;Bobigny;Aide;02;http://b\n",
}  # fmt: skip


@pytest.mark.parametrize("name", DIRECTORIES)
def test_map_proposes_by_the_same_evidence(tmp_path: Path, name: str) -> None:
    """A directory of lieux was proposed as the catalogue of services: two columns of it that nothing proves."""
    path = tmp_path / "annuaire.csv"
    path.write_text(DIRECTORIES[name], encoding="utf-8")
    (proposal,) = propose([path])
    assert (proposal.layout, proposal.is_complete) == ("lieux", False)


def test_map_still_proposes_a_catalogue_under_other_words(tmp_path: Path) -> None:
    path = tmp_path / "prestations.csv"
    path.write_text(
        "Réf. prestation;Intitulé de l'atelier;Mode;Minutes\n"
        "SAN-01;Naviguer;collectif;90\nSAN-02;Écrire;individuel;60\n",
        encoding="utf-8",
    )
    (proposal,) = propose([path])
    assert (proposal.layout, proposal.is_complete) == ("services", True)
