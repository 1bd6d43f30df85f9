"""Checks of core.fct_prescription: carnets handed to beneficiaries, and what is known of those who received them."""

from __future__ import annotations

from data_quality.expectations import Expect, LineCheck, Table, TableCheck, expect
from data_quality.profiles import SETTLED_DAYS, prescriptions_by_prescriber

#: A share of fewer prescriptions than this says nothing about a territory.
_ENOUGH = 50
_A_FEW = 4
#: Carnets one counter can hand out in a day.
_DAY_CARNETS = 100
#: Carnets of one person: the programme gives one or two.
_PERSON_CARNETS = 10

_ANSWER = Table(
    name="territory_answers",
    grain="une question des prescriptions d'un territoire, sur douze mois",
    sql="""
        with total as (
            select
                territory_code,
                count(*) as prescriptions,
                count(*) filter (where pic_answer is null or pic_answer = 'nsp') as public_pic,
                count(*) filter (where qpv_answer is null or qpv_answer = 'nsp') as residence_qpv,
                count(*) filter (where age_band is null) as annee_naissance,
                count(*) filter (where beneficiary_key is null) as id_beneficiaire
            from core.fct_prescription
            where is_live and prescribed_on > getvariable('as_of') - 365
            group by territory_code
        ),
        answer as (
            unpivot total on public_pic, residence_qpv, annee_naissance, id_beneficiaire
            into name question value unknown
        )
        select
            answer.territory_code, answer.question, answer.prescriptions,
            answer.unknown / answer.prescriptions as unknown_share,
            coalesce(territory.territory_name, answer.territory_code) as territory_name
        from answer
        left join core.dim_territory as territory using (territory_code)
    """,
)


def _at_most_unknown(share: float, operator: str) -> Expect:
    """At most this share of unknown answers where prescriptions are enough; the beneficiary is a question apart."""
    return expect(
        "ExpectColumnValuesToBeBetween",
        column="unknown_share",
        max_value=share,
        when=(("prescriptions", ">=", _ENOUGH), ("question", operator, "id_beneficiaire")),
    )


CHECKS = [
    LineCheck(
        code="PN-451",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Chaque carnet prescrit a été émis.",
        expected="aucune prescription d'un carnet inconnu des émissions",
        why="Le numéro est mal saisi, ou une livraison d'émissions manque : ces personnes ne sont pas équipées.",
        mend="Corrigez le numéro du carnet ; s'il est juste, demandez à #APTIC l'export des émissions qui le contient.",
        unit="prescripteur (par fichier)",
        profile=prescriptions_by_prescriber(
            "line.is_live and carnet.carnet_number is null", "prescriptions de carnets inconnus des émissions"
        ),
    ),
    LineCheck(
        code="PN-452",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Un carnet n'a qu'une prescription en vigueur.",
        expected=f"aucun carnet prescrit deux fois depuis plus de {SETTLED_DAYS} jours",
        why="Une erreur de saisie s'annule dans les deux mois ; ensuite, une personne servie n'est pas comptée.",
        mend="Annulez (statut annulee) la prescription qui n'a plus cours.",
        unit="prescripteur (par fichier)",
        profile=prescriptions_by_prescriber(
            f"line.has_lost_carnet and line.prescribed_on < getvariable('as_of') - {SETTLED_DAYS}",
            "prescriptions de carnets prescrits à nouveau depuis",
        ),
    ),
    TableCheck(
        code="PN-453",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Les prescriptions disent le public de chaque personne.",
        expected=f"au plus 30 % de réponses inconnues par territoire et question, sur douze mois (dès {_ENOUGH})",
        why="La convention demande un minimum de public PIC : au-delà de 30 % d'inconnus, la part n'est pas démontrée.",
        mend="Posez la question à chaque prescription ; complétez celles des derniers mois.",
        unit="territoire (par question)",
        table=_ANSWER,
        expectations=(_at_most_unknown(0.30, "!="),),
        units="""
            select
                territory_code,
                unknown_share as value,
                territory_name || ' : ' || question || ' inconnu pour ' || fr_share(unknown_share)
                || ' des prescriptions' as detail
            from chosen
        """,
        kind="share",
    ),
    TableCheck(
        code="PN-454",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Les prescriptions identifient leur bénéficiaire.",
        expected=f"au plus 15 % de prescriptions sans bénéficiaire par territoire, sur douze mois (dès {_ENOUGH})",
        why="Une personne non identifiée n'est pas équipée ; deux sur cent sont ordinaires.",
        mend="Renseignez l'identifiant du bénéficiaire à chaque prescription ; complétez celles des derniers mois.",
        unit="territoire",
        table=_ANSWER,
        expectations=(_at_most_unknown(0.15, "=="),),
        units="""
            select
                territory_code,
                unknown_share as value,
                territory_name || ' : ' || fr_share(unknown_share) || ' des prescriptions sans bénéficiaire' as detail
            from chosen
        """,
        kind="share",
    ),
    LineCheck(
        code="PN-455",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Aucun carnet n'est prescrit un dimanche ou un jour férié.",
        expected=f"au plus {_A_FEW} prescriptions par prescripteur et fichier",
        why="Les guichets sont fermés : la date est celle d'une saisie, ou inventée.",
        mend="Corrigez la date de ces prescriptions, ou expliquez l'ouverture ce jour-là.",
        unit="prescripteur (par fichier)",
        maximum=_A_FEW,
        profile=prescriptions_by_prescriber(
            "line.is_live and line.prescribed_on in"
            " (select date_day from core.dim_date where is_holiday or day_of_week = 7)",
            "prescriptions un dimanche ou un jour férié",
        ),
    ),
    LineCheck(
        code="PN-456",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Un carnet est prescrit entre son émission et la fin de sa validité.",
        expected="aucune prescription avant l'émission ni après la validité du carnet",
        why="Un carnet périmé remis à quelqu'un ne lui servira pas ; un carnet pas encore émis est un autre carnet.",
        mend="Corrigez la date de prescription ou le numéro du carnet ; remplacez un carnet périmé.",
        unit="prescripteur (par fichier)",
        profile=prescriptions_by_prescriber(
            "line.is_live and (line.prescribed_on < carnet.issued_on or line.prescribed_on > carnet.valid_until)",
            "prescriptions hors de la validité du carnet",
        ),
    ),
    LineCheck(
        code="PN-457",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Aucun prescripteur ne remet en un jour plus de carnets qu'un guichet ne peut en remettre.",
        expected=f"au plus {_DAY_CARNETS} carnets par prescripteur et par jour",
        why="Cinq minutes par personne : au-delà de cent, un stock a été saisi d'un coup, sans personne derrière.",
        mend="Saisissez chaque remise à sa date et pour sa personne ; annulez les prescriptions sans "
        "bénéficiaire réel.",
        unit="jour d'un prescripteur",
        maximum=_DAY_CARNETS,
        profile="""
            select
                line.prescriber_siret,
                any_value(line.territory_code) as territory_code,
                count(*) as value,
                sum(carnet.pass_count) as passes,
                sum(carnet.pass_count * carnet.face_value_eur) as amount_eur,
                coalesce(any_value(prescriber.prescriber_name), 'Prescripteur inconnu') || ' : ' || fr_int(count(*))
                || ' carnets prescrits le ' || fr_day(line.prescribed_on) as detail
            from core.fct_prescription as line
            left join core.dim_carnet as carnet using (carnet_number)
            left join core.dim_prescriber as prescriber on line.prescriber_siret = prescriber.prescriber_siret
            where line.is_live and line.prescriber_siret is not null
            group by line.prescriber_siret, line.prescribed_on
        """,
    ),
    LineCheck(
        code="PN-458",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Aucun identifiant de bénéficiaire ne sert à plusieurs personnes.",
        expected=f"au plus {_PERSON_CARNETS} carnets par bénéficiaire",
        why="Une personne reçoit un ou deux carnets ; au-delà de dix, l'identifiant est « inconnu » ou partagé.",
        mend="Donnez à chaque personne un identifiant qui lui soit propre, et corrigez ces prescriptions.",
        unit="territoire",
        maximum=_PERSON_CARNETS,
        profile="""
            select
                person.territory_code,
                max(person.carnets_held) as value,
                coalesce(any_value(territory.territory_name), person.territory_code) || ' : un même identifiant pour '
                || fr_int(max(person.carnets_held)) || ' carnets' as detail
            from core.dim_person as person
            left join core.dim_territory as territory using (territory_code)
            where person.is_identified
            group by person.territory_code
        """,
    ),
    LineCheck(
        code="PN-459",
        table_name="fct_prescription",
        owner="prescripteur",
        sentence="Aucune prescription n'est datée du futur ou d'avant le programme.",
        expected="date entre la signature de l'accord-cadre et l'extraction du fichier",
        why="Une date impossible fausse la tranche d'âge, les mois et le délai jusqu'à la première utilisation.",
        mend="Corrigez la date de ces prescriptions et redéposez l'export.",
        unit="prescripteur (par fichier)",
        profile=prescriptions_by_prescriber(
            "(line.prescribed_on > file.extract_date or line.prescribed_on > getvariable('as_of')"
            " or line.prescribed_on < getvariable('agreement_signed_on'))",
            "prescriptions à une date impossible",
        ),
    ),
]
