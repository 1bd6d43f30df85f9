"""The table « defect planted in a delivery → the code that catches it ».

ROAD: defects delivered as files and built by the real road. Each has lieux, carnets and lines of its own.
Does not live here: defects that no single delivery can hold (over time and against the past: past.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.factories import make_siret
from tests.integration.data_quality.planting import DAY, Planter, french, weekdays

#: code → what is planted, and words that the failing rows must hold.
ROAD: dict[str, tuple[Callable[[Planter], None], str]] = {}


def defect(code: str, found: str) -> Callable[[Callable[[Planter], None]], Callable[[Planter], None]]:
    """Register a defect that `code` must catch; `found`: words of its failing rows."""

    def register(plant: Callable[[Planter], None]) -> Callable[[Planter], None]:
        ROAD[code] = (plant, found)
        return plant

    return register


# --- uses -------------------------------------------------------------------------------------------------------


@defect("PN-421", "Lieu du pass inconnu — pass inconnus des émissions : 1")
def unknown_pass(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu du pass inconnu"), numero_pass="8888888888")


@defect("PN-422", "Lieu du double scan")
def pass_used_twice(plant: Planter) -> None:
    carnet, lieu = plant.held(), plant.lieu("Lieu du double scan")
    plant.use(carnet, 0, lieu)
    plant.use(carnet, 0, lieu, date(2023, 9, 12))


@defect("PN-423", "hors référencement : 1")
def lieu_outside_the_directory(plant: Planter) -> None:
    plant.use(plant.held(), 0, make_siret(6999), code_insee_lieu="94080")


@defect("PN-424", "pass utilisés sans prescription : 1")
def use_without_prescription(plant: Planter) -> None:
    plant.use(plant.carnet(), 0, plant.lieu("Lieu sans prescription"))


@defect("PN-425", "pass utilisés avant leur prescription : 1")
def use_before_prescription(plant: Planter) -> None:
    carnet = plant.carnet()
    plant.prescription(carnet, date_prescription="12/09/2023")
    plant.use(carnet, 0, plant.lieu("Lieu trop tôt"))


@defect("PN-426", "Lieu du pass périmé")
def use_after_tolerance(plant: Planter) -> None:
    plant.use(plant.held(date_fin_validite="31/07/2023"), 0, plant.lieu("Lieu du pass périmé"))


@defect("PN-427", "Lieu du carnet volé")
def stolen_carnet_used(plant: Planter) -> None:
    plant.use(plant.held(statut="vole", date_statut="10/07/2023"), 0, plant.lieu("Lieu du carnet volé"))


@defect("PN-428", "Lieu trop payé")
def paid_more(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu trop payé"), montant="12,00")


@defect("PN-429", "Lieu pas assez payé")
def paid_less(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu pas assez payé"), montant="8,00")


@defect("PN-430", "Lieu du futur")
def use_in_the_future(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu du futur"), date(2024, 3, 12), statut="validee")


@defect("PN-431", "Lieu impayé")
def never_paid(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu impayé"), statut="validee", date_remboursement="")


@defect("PN-432", "Lieu payé sans référence")
def paid_without_reference(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu payé sans référence"), reference_remboursement="")


@defect("PN-433", "Lieu sans durées")
def no_duration(plant: Planter) -> None:
    _hundred_uses(plant, "Lieu sans durées", duree_minutes="")


@defect("PN-434", "Lieu sans services")
def no_service(plant: Planter) -> None:
    _hundred_uses(plant, "Lieu sans services", code_service="")


@defect("PN-446", "Lieu sans heures")
def no_hours(plant: Planter) -> None:
    """Without duration nor service; forty attendances only, so that PN-433 and PN-434 say nothing."""
    lieu = plant.lieu("Lieu sans heures")
    for day in weekdays(10):
        for _ in range(4):
            plant.use(plant.held(), 0, lieu, day, duree_minutes="", code_service="")


@defect("PN-435", "Lieu rejeté")
def many_rejected(plant: Planter) -> None:
    carnets = _hundred_uses(plant, "Lieu rejeté")
    lieu = plant.rows["lieux"][-1]["pivot"]
    for carnet in carnets:
        for rank in (10, 11):
            plant.use(carnet, rank, lieu, date(2023, 11, 21), statut="rejetee", date_remboursement="")


def _hundred_uses(plant: Planter, name: str, **other: object) -> list[dict]:
    """Ten carnets of twelve passes, ten used, two a day: an ordinary lieu but for `other`."""
    lieu = plant.lieu(name)
    carnets = [plant.held(12) for _ in range(10)]
    for rank, day in enumerate(weekdays(10)):
        for carnet in carnets:
            plant.use(carnet, rank, lieu, day, **other)
    return carnets


@defect("PN-436", "Lieu de nuit")
def at_night(plant: Planter) -> None:
    lieu = plant.lieu("Lieu de nuit")
    for _ in range(5):
        plant.use(plant.held(), 0, lieu, date_utilisation=f"{french(DAY)} 23:30")


@defect("PN-437", "Lieu du dimanche")
def on_sunday(plant: Planter) -> None:
    closed, opened = plant.lieu("Lieu du dimanche"), plant.lieu("Ouvert le dimanche", horaires="Tu-Su 10:00-18:00")
    for _ in range(5):
        plant.use(plant.held(), 0, closed, date(2023, 9, 10))
        plant.use(plant.held(), 0, opened, date(2023, 9, 10))


@defect("PN-438", "Lieu du carnet vidé : 10")
def carnet_emptied_in_a_day(plant: Planter) -> None:
    carnet, lieu = plant.held(), plant.lieu("Lieu du carnet vidé")
    for rank in range(10):
        plant.use(carnet, rank, lieu, id_session="DEF-VIDE", duree_minutes=105)


@defect("PN-441", "Lieu bondé")
def more_than_the_room_can_host(plant: Planter) -> None:
    lieu = plant.lieu("Lieu bondé")
    for _ in range(22):
        plant.use(plant.held(), 0, lieu, duree_minutes=350)


@defect("PN-448", "Lieu qui encaisse : 0,0 heures-personnes le 05/09/2023, 250")
def more_passes_than_the_room_can_host(plant: Planter) -> None:
    """Without duration nor service, so that no hour says it."""
    lieu = plant.lieu("Lieu qui encaisse")
    for _ in range(125):
        carnet = plant.held()
        for rank in range(2):
            plant.use(carnet, rank, lieu, duree_minutes="", code_service="")


@defect("PN-442", "une session de 26 participants")
def session_of_twenty_six(plant: Planter) -> None:
    lieu = plant.lieu("Lieu du grand groupe")
    for _ in range(26):
        plant.use(plant.held(), 0, lieu, id_session="DEF-GROUPE")


@defect("PN-443", "Lieu des heures rondes")
def always_one_hour(plant: Planter) -> None:
    lieu = plant.lieu("Lieu des heures rondes")
    for day in weekdays(10):
        for _ in range(4):
            plant.use(plant.held(), 0, lieu, day, duree_minutes=120)


@defect("PN-444", "Lieu aux deux durées")
def two_durations(plant: Planter) -> None:
    carnet, lieu = plant.held(), plant.lieu("Lieu aux deux durées")
    plant.use(carnet, 0, lieu, id_session="DEF-DEUX", duree_minutes=40)
    plant.use(carnet, 1, lieu, id_session="DEF-DEUX", duree_minutes=70)


@defect("PN-445", "Lieu aux durées trop longues")
def too_long_for_a_pass(plant: Planter) -> None:
    _hundred_uses(plant, "Lieu aux durées trop longues", duree_minutes=250)


@defect("PN-447", "Lieu des journées sans fin")
def a_day_of_thirteen_hours(plant: Planter) -> None:
    carnet, lieu = plant.held(), plant.lieu("Lieu des journées sans fin")
    for rank in range(2):
        plant.use(carnet, rank, lieu, duree_minutes=400)


# --- prescriptions ----------------------------------------------------------------------------------------------


@defect("PN-451", "carnets inconnus des émissions : 1")
def unissued_carnet(plant: Planter) -> None:
    plant.prescription({"numero_carnet": "DEF-INCONNU"})


@defect("PN-452", "carnets prescrits à nouveau depuis : 1")
def two_holders(plant: Planter) -> None:
    carnet = plant.held()
    plant.prescription(carnet, date_prescription="16/10/2023")


@defect("PN-453", "Le Kremlin-Bicêtre : public_pic inconnu pour")
def public_unknown(plant: Planter) -> None:
    for _ in range(60):
        _prescribe_elsewhere(plant, "94043", public_pic="")


@defect("PN-454", "des prescriptions sans bénéficiaire")
def nobody_identified(plant: Planter) -> None:
    for _ in range(60):
        _prescribe_elsewhere(plant, "93008", id_beneficiaire="")


def _prescribe_elsewhere(plant: Planter, territory: str, **other: object) -> None:
    carnet = plant.carnet(code_insee=territory)
    plant.prescription(carnet, code_insee=territory, **other)


@defect("PN-455", "prescriptions un dimanche ou un jour férié : 5")
def prescribed_on_a_holiday(plant: Planter) -> None:
    for _ in range(5):
        plant.prescription(plant.carnet(), date_prescription="14/07/2023")


@defect("PN-456", "prescriptions hors de la validité du carnet : 1")
def prescribed_before_issue(plant: Planter) -> None:
    plant.prescription(plant.carnet(), date_prescription="15/05/2023")


@defect("PN-457", "101 carnets prescrits le 20/09/2023")
def a_stock_in_a_day(plant: Planter) -> None:
    siret = make_siret(5001)
    for _ in range(101):
        plant.prescription(
            plant.carnet(siret_prescripteur=siret), siret_prescripteur=siret, date_prescription="20/09/2023"
        )


@defect("PN-458", "un même identifiant pour 11 carnets")
def one_person_eleven_carnets(plant: Planter) -> None:
    for _ in range(11):
        plant.prescription(plant.carnet(), id_beneficiaire="INCONNU")


@defect("PN-459", "prescriptions à une date impossible : 1")
def prescribed_in_the_future(plant: Planter) -> None:
    plant.prescription(plant.carnet(), date_prescription="05/03/2024")


@defect("PN-475", "sans stock reçu")
def prescriber_without_stock(plant: Planter) -> None:
    plant.prescription(plant.carnet(), siret_prescripteur=make_siret(5002))


# --- carnets, lieux, services -----------------------------------------------------------------------------------


@defect("PN-461", "carnets aux dates incohérentes : 1")
def delivered_before_issue(plant: Planter) -> None:
    plant.carnet(date_livraison="02/05/2023")


@defect("PN-462", "BC-DEF")
def issued_less_than_ordered(plant: Planter) -> None:
    plant.carnet(bon_commande="BC-DEF")
    plant.entry("engagement", "200,00", categorie="valeur_faciale", bon_commande="BC-DEF")


@defect("PN-463", "carnets hors des territoires du programme : 1")
def territory_outside_the_programme(plant: Planter) -> None:
    plant.carnet(code_insee="75101")


@defect("PN-464", "lot LOT-DEUX-PRIX")
def two_face_values_in_a_lot(plant: Planter) -> None:
    plant.carnet(numero_lot="LOT-DEUX-PRIX")
    plant.carnet(numero_lot="LOT-DEUX-PRIX", valeur_faciale="1,00")


@defect("PN-465", "carnets livrés sans date de livraison : 1")
def delivered_without_a_date(plant: Planter) -> None:
    plant.carnet(date_livraison="")


@defect("PN-471", "Lieu à l'envers : latitude 2,439")
def latitude_and_longitude_swapped(plant: Planter) -> None:
    plant.lieu("Lieu à l'envers", latitude="2.439", longitude="48.8474")


@defect("PN-472", "Lieu sans commune")
def lieu_without_a_commune(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu sans commune", code_insee=""))


@defect("PN-473", "Lieu aux dates inversées")
def referencing_reversed(plant: Planter) -> None:
    plant.lieu("Lieu aux dates inversées", date_referencement="2023-05-01", date_fin_referencement="2023-01-01")


@defect("PN-481", "service SAN-INCONNU")
def service_outside_the_catalogue(plant: Planter) -> None:
    plant.use(plant.held(), 0, plant.lieu("Lieu hors catalogue"), code_service="SAN-INCONNU")


@defect("PN-482", "service SAN-98")
def service_without_nominal_duration(plant: Planter) -> None:
    plant.service("SAN-98")
    plant.use(plant.held(), 0, plant.lieu("Lieu du service sans durée"), code_service="SAN-98")


# --- budget -----------------------------------------------------------------------------------------------------


@defect("PN-491", "BC-SANS-ENGAGEMENT")
def paid_without_commitment(plant: Planter) -> None:
    plant.entry("mandatement", "500,00", bon_commande="BC-SANS-ENGAGEMENT")


@defect("PN-492", "engagés pour 3\u202f800\u202f000,00\u00a0€")
def more_than_the_budget(plant: Planter) -> None:
    plant.entry("engagement", "3900000,00")


@defect("PN-493", "120,00\u00a0€ HT, 100,00\u00a0€ TTC")
def taxes_reversed(plant: Planter) -> None:
    plant.entry("recette_commune", "100,00", montant_ht="120,00")


@defect("PN-494", "reçus")
def state_paid_too_much(plant: Planter) -> None:
    plant.entry("recette_etat", "900000,00")


@defect("PN-495", "engagement du 05/03/2018")
def entry_before_the_programme(plant: Planter) -> None:
    plant.entry("engagement", "10,00", date_ecriture="05/03/2018")
