"""The general balance of the accounts, and what makes each closing balance up (D. 1611-25, 1° and 2°): SQL on the
tables that operations.book makes.

Every operation is booked twice, a debit and a credit of the same amount (the chart, seeds/account_chart.csv): all
debits are all credits. Does not live here: what an operation does to an account (the chart), French titles
(statements.py).
"""

from __future__ import annotations

from reporting.mandate.operations import ACCOUNTS
from warehouse.published.cited import EUROS, Sum, gathered

#: What the operator holds or is owed: a balance is a debit. The others are what it owes, and to whom: a credit.
DEBIT_ACCOUNTS = ("treasury", "receivable")
_SIDES = ", ".join(
    f"('{account}', {rank}, {1 if account in DEBIT_ACCOUNTS else -1})" for rank, account in enumerate(ACCOUNTS)
)
_SIDE = f"(select * from (values {_SIDES}) as side (account, rank, way)) as side"
#: Grain: one row an account. Balances stand on one side; what the year moves and what is learnt of closed years on
#: both.
GENERAL_BALANCE = f"""
    with entry as (
        select account, rank, amount_eur, effect.effect * side.way as way,
               case when move in ('opening', 'added', 'removed') then move else 'year' end as part
        from {_SIDE} left join effect using (account)
    ),
    told as (
        select account, rank,
               coalesce(sum(way * amount_eur) filter (where part = 'opening'), 0) as opening,
               coalesce(sum(amount_eur) filter (where part = 'year' and way > 0), 0) as debit,
               coalesce(sum(amount_eur) filter (where part = 'year' and way < 0), 0) as credit,
               coalesce(sum(amount_eur) filter (where part in ('added', 'removed') and way > 0), 0) as late_debit,
               coalesce(sum(amount_eur) filter (where part in ('added', 'removed') and way < 0), 0) as late_credit,
               coalesce(sum(way * amount_eur), 0) as closing
        from entry group by account, rank
    )
    select account, rank,
           case when opening > 0 then opening else 0 end::decimal(18,2) as opening_debit_eur,
           case when opening < 0 then -opening else 0 end::decimal(18,2) as opening_credit_eur,
           debit::decimal(18,2) as debit_eur, credit::decimal(18,2) as credit_eur,
           late_debit::decimal(18,2) as late_debit_eur, late_credit::decimal(18,2) as late_credit_eur,
           case when closing > 0 then closing else 0 end::decimal(18,2) as closing_debit_eur,
           case when closing < 0 then -closing else 0 end::decimal(18,2) as closing_credit_eur
    from told order by rank
"""
BALANCE_PIECES = gathered("effect", {"account": "account"}, {})
#: Of each account, what its balance is told by.
_DETAIL = {
    "lieu_siret": "case when account in ('payable', 'receivable') then lieu_siret end",
    "reference": "case when account in ('receivable', 'suspense') then coalesce(reference, '(sans référence)') end",
    "order_reference": (
        "case when account in ('circulation', 'credit_note', 'principal') "
        "then coalesce(order_reference, 'sans bon de commande') end"
    ),
    "lot_code": "case when account = 'circulation' then coalesce(lot_code, 'sans lot') end",
    "nature": "case when account = 'treasury' then nature end",
}
_GATHERED = gathered(
    f"held inner join {_SIDE} using (account)",
    {"account": "account", "rank": "rank", **_DETAIL},
    {
        "passes": Sum("sum", "case when account = 'circulation' then held.effect * passes end", "bigint"),
        "debit_eur": Sum("sum", "case when held.effect * side.way > 0 then amount_eur else 0 end", "decimal(18,2)"),
        "credit_eur": Sum("sum", "case when held.effect * side.way < 0 then amount_eur else 0 end", "decimal(18,2)"),
    },
)
#: Grain: account × what its balance is told by. Since the start, everything known at the end of the year.
DEVELOPMENT = f"""
    select detail.*, lieu.lieu_name,
           case when debit_eur > credit_eur then debit_eur - credit_eur else 0 end::decimal(18,2) as balance_debit_eur,
           case when credit_eur > debit_eur then credit_eur - debit_eur else 0 end::decimal(18,2) as balance_credit_eur
    from ({_GATHERED}) as detail left join core.dim_lieu as lieu using (lieu_siret)
    where debit_eur <> credit_eur
    order by rank, lieu_siret nulls first, reference, order_reference, lot_code, nature
"""
#: What is owed to the mandate and not paid at the end of the year, by debtor: what was booked, what came in, what is
#: left, and since when: what came in paid the oldest first (of a lieu, the oldest of the same reference), so that a
#: claim is as old as the first euro nobody paid. The State's share is the marts'; what each commune owes is in no
#: delivery.
CLAIMS = f"""
    with claim as ({
    gathered(
        "held where account in ('receivable', 'credit_note')",
        {
            "account": "account",
            "lieu_siret": "case account when 'receivable' then lieu_siret end",
        },
        {
            "due_eur": Sum("sum", "case when effect > 0 then amount_eur else 0 end", "decimal(18,2)"),
            "received_eur": Sum("sum", "case when effect < 0 then amount_eur else 0 end", "decimal(18,2)"),
        },
    )
}),
    part as (
        select account, case account when 'receivable' then lieu_siret end as lieu_siret,
               case account when 'receivable' then reference end as reference, day,
               sum(case when effect > 0 then amount_eur else 0 end) as due_eur,
               sum(case when effect < 0 then amount_eur else 0 end) as received_eur
        from held where account in ('receivable', 'credit_note') group by all
    ),
    told as (
        select *, sum(due_eur) over (partition by account, lieu_siret, reference order by day) as due_by_then_eur,
               sum(received_eur) over (partition by account, lieu_siret, reference) as paid_eur
        from part
    ),
    age as (
        select account, lieu_siret, min(day) filter (where due_by_then_eur > paid_eur) as since_on
        from told group by account, lieu_siret
    )
    select claim.*, age.since_on, lieu.lieu_name, (due_eur - received_eur)::decimal(18,2) as left_eur
    from claim left join core.dim_lieu as lieu on claim.lieu_siret = lieu.lieu_siret
    left join age on claim.account = age.account and claim.lieu_siret is not distinct from age.lieu_siret
    where due_eur <> received_eur or claim.account = 'credit_note'
    order by claim.account, claim.lieu_siret
"""
#: What was received of the State and of the communes, since the start.
RECEIPTS = f"""
    {
    gathered(
        "operation where nature in ('recette_etat', 'recette_commune') and day <= $end",
        {"nature": "nature"},
        {"received_eur": EUROS},
    )
} order by nature
"""
USES = gathered("operation where nature = 'used' and day <= $end", {"nature": "nature"}, {"amount_eur": EUROS})
#: One row, or none where nothing was used nor received by then.
STATE_SHARE = """
    select month, face_value_used_total_eur, due_total_eur, received_total_eur, to_call_eur, is_at_ceiling
    from marts.state_share where month <= $end order by month desc limit 1
"""
