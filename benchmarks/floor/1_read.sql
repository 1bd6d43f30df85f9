-- The deliveries, read once, with their types. Files are listed in the order of their versions (extract date, then
-- sha256), so a line read later is a later version of its key: the current one is the greatest `rowid`.
-- `source_line`: the place of the line in its file, the header being the first.
-- Set by floor.py: one list of paths a data set, the two pads of the pseudonyms, the table `delivered`.

create temp table programme as from read_json(getvariable('settings'), columns = {
    as_of: 'date', name: 'varchar', budget_eur: 'decimal(18,2)', hours_target: 'integer', people_target: 'integer',
    territories_target: 'integer', lieux_target: 'integer', state_rate: 'decimal(6,4)',
    state_ceiling_eur: 'decimal(18,2)', pic_share_target: 'decimal(6,4)', agreement_signed_on: 'date',
    agreement_ends_on: 'date', mandate_months_after: 'integer', mandate_ends_on: 'date',
    validity_tolerance_months: 'integer', small_count_threshold: 'integer', max_rejected_share: 'decimal(6,4)',
    retention_months: 'integer', expected_delivery_days: 'integer', accepted_deliveries: 'varchar[]',
    quiet_months: 'integer', low_start_share: 'decimal(6,4)', low_start_min_carnets: 'integer',
    silent_lieux_share: 'decimal(6,4)', lost_passes_share: 'decimal(6,4)', uncounted_share: 'decimal(6,4)',
    expiry_alert_days: 'integer', run_expected_hours: 'integer', reminder_days: 'integer',
    trust_share_min: 'decimal(6,4)', trust_share_max: 'decimal(6,4)', trust_min_trials: 'integer'
});
create temp table territory as from read_json(getvariable('territories'), columns = {
    code_insee: 'varchar', nom: 'varchar', ami: 'integer', date_entree: 'date', source: 'varchar', statut: 'varchar',
    cible_personnes: 'integer', cible_heures: 'integer'
});
create temp table merger as from read_json(getvariable('changes'), columns = {
    code_insee: 'varchar', code_actuel: 'varchar', date_effet: 'date'
});
create temp table commune as from read_json(getvariable('communes'), columns = {
    code_insee: 'varchar', nom: 'varchar', type: 'varchar', code_departement: 'varchar', ept_siren: 'varchar',
    ept_nom: 'varchar', lon: 'double', lat: 'double'
});
create temp table decision as from read_json(getvariable('decisions'), columns = {
    prise_le: 'date', decision: 'varchar', porteur: 'varchar', montant_eur: 'decimal(18,2)', indicateur: 'varchar',
    attendu: 'double', echeance: 'date', scenario: 'varchar'
});
create temp table inhabitants as from read_json(getvariable('populations'), columns = {
    code_insee: 'varchar', population: 'integer', date_population: 'date', source_population: 'varchar',
    population_qpv: 'integer', date_qpv: 'date', source_qpv: 'varchar'
});
create temp table holiday as from read_json(getvariable('holidays'), columns = {holiday_on: 'date', name: 'varchar'});
create temp table dictionary as from read_csv(getvariable('dictionary'), header = true, auto_detect = false,
    columns = {
        rank: 'integer', code: 'varchar', label: 'varchar', definition: 'varchar', formula: 'varchar',
        unit: 'varchar', source: 'varchar', target_key: 'varchar', target_label: 'varchar', event: 'varchar',
        measure: 'varchar', natures: 'varchar', rule: 'varchar', by_territory: 'boolean'
    });
create temp table rates as from read_csv(getvariable('rates'), header = true, auto_detect = false,
    columns = {
        rank: 'integer', code: 'varchar', label: 'varchar', definition: 'varchar', numerator: 'varchar',
        denominator: 'varchar', per: 'integer', unit: 'varchar', rank_from: 'varchar'
    });
create temp table chart as from read_csv(getvariable('chart'), header = true, auto_detect = false,
    columns = {
        rank: 'integer', nature: 'varchar', family: 'varchar', event: 'varchar', event_nature: 'varchar',
        measure: 'varchar', delivered_sign: 'integer', category: 'varchar', with_lieu: 'boolean',
        circulation: 'integer', treasury: 'integer', treasury_line: 'varchar', receivable: 'integer',
        credit_note: 'integer', payable: 'integer', principal: 'integer', suspense: 'integer'
    });

set variable as_of = (select as_of from programme);

create temp table emission as
select file_index::smallint as file_rank, * from read_csv(getvariable('emissions'),
    delim = ';', quote = '"', header = true, auto_detect = false, dateformat = '%d/%m/%Y', decimal_separator = ',',
    columns = {
        carnet_number: 'varchar', first_pass: 'varchar', last_pass: 'varchar', face_value_eur: 'decimal(18,2)',
        lot_code: 'varchar', order_reference: 'varchar', territory_code: 'varchar', prescriber_siret: 'varchar',
        issued_on: 'date', delivered_on: 'date', valid_until: 'date', source_status: 'varchar', status_on: 'date'
    });
create temp table prescription as
select file_index::smallint as file_rank, * from read_csv(getvariable('prescriptions'),
    delim = ';', quote = '"', header = true, auto_detect = false, dateformat = '%d/%m/%Y', columns = {
        prescription_id: 'varchar', carnet_number: 'varchar', prescribed_on: 'date', prescriber_siret: 'varchar',
        prescriber_name: 'varchar', prescriber_type: 'varchar', territory_code: 'varchar', beneficiary: 'varchar',
        birth_year: 'smallint', gender: 'varchar', situation: 'varchar', pic_answer: 'varchar', qpv_answer: 'varchar',
        source_status: 'varchar'
    });
create temp table redemption as
select
    file_index::smallint as file_rank,
    pass_number::bigint as pass,
    * replace (strptime(redeemed_at, ['%d/%m/%Y %H:%M', '%d/%m/%Y']) as redeemed_at)
from read_csv(getvariable('utilisations'),
    delim = ';', quote = '"', header = true, auto_detect = false, dateformat = '%d/%m/%Y', decimal_separator = ',',
    columns = {
        redemption_id: 'varchar', pass_number: 'varchar', redeemed_at: 'varchar', lieu_siret: 'varchar',
        lieu_name: 'varchar', line_territory_code: 'varchar', service_code: 'varchar', session_id: 'varchar',
        modality: 'varchar', duration_minutes: 'integer', amount_eur: 'decimal(18,2)', source_status: 'varchar',
        reimbursed_on: 'date', reimbursement_reference: 'varchar'
    });
create temp table directory as
select file_index::smallint as file_rank, * from read_csv(getvariable('lieux'),
    delim = ',', quote = '"', header = true, auto_detect = false, columns = {
        directory_id: 'varchar', lieu_siret: 'varchar', lieu_name: 'varchar', city_name: 'varchar',
        postal_code: 'varchar', territory_code: 'varchar', address: 'varchar', address_complement: 'varchar',
        latitude: 'double', longitude: 'double', typologies: 'varchar', phone: 'varchar', emails: 'varchar',
        website: 'varchar', opening_hours: 'varchar', summary: 'varchar', detail: 'varchar', directory_source: 'varchar',
        itinerancy: 'varchar', parent_organisation: 'varchar', updated_on: 'date', services: 'varchar',
        target_audiences: 'varchar', specific_support: 'varchar', fees: 'varchar', national_programmes: 'varchar',
        labels: 'varchar', other_labels: 'varchar', access_modes: 'varchar', support_modes: 'varchar',
        accessibility_page: 'varchar', booking_page: 'varchar', referenced_from: 'date', referenced_until: 'date'
    });
create temp table service as
select file_index::smallint as file_rank, * from read_csv(getvariable('services'),
    delim = ';', quote = '"', header = true, auto_detect = false, columns = {
        service_code: 'varchar', service_label: 'varchar', modality: 'varchar', nominal_minutes: 'integer',
        nominal_passes: 'integer', level: 'varchar'
    });
create temp table entry as
select file_index::smallint as file_rank, * from read_csv(getvariable('budget'),
    delim = ';', quote = '"', header = true, auto_detect = false, dateformat = '%d/%m/%Y', decimal_separator = ',',
    columns = {
        entry_id: 'varchar', entered_on: 'date', nature: 'varchar', category: 'varchar',
        amount_excl_tax_eur: 'decimal(18,2)', amount_incl_tax_eur: 'decimal(18,2)', reference: 'varchar',
        order_reference: 'varchar', ami: 'integer'
    });

create temp table file as
select delivered.*, first_row
from delivered
join (
    select 'emissions' as dataset, file_rank, min(rowid) as first_row from emission group by file_rank
    union all select 'prescriptions', file_rank, min(rowid) from prescription group by file_rank
    union all select 'utilisations', file_rank, min(rowid) from redemption group by file_rank
    union all select 'budget', file_rank, min(rowid) from entry group by file_rank
    union all select 'lieux', file_rank, min(rowid) from directory group by file_rank
    union all select 'services', file_rank, min(rowid) from service group by file_rank
) using (dataset, file_rank);
