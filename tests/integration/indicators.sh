#!/bin/bash
# What oversight counts, with real programs: it is what was sent, nothing small is told, a recount agrees with it beside the running
# broker, after a forgotten case and a restart, and finds what was changed in a copy.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/integration/checks
. tests/integration/country

indicators()
{
	"$programs/nrm" audit indicators --trail "${trail-data}" "$@"
}
csv() # INDICATOR,DETAIL,COLUMN,COUNT [OPTION...]: whether this line is told
{
	indicators --as csv "${@:2}" | tr -d '\r' | grep -qx -e "$1"
}

# --- a country of two: an NGO that manages cases, and a shelter ---

country "$root/build/indicators" <<YAML
- {id: TH.ngo, name: Case managers, kind: ngo, roles: [ngo_case_manager], services: [follow_up], keys: keys/ngo}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML
start_country

# --- two cases: six referrals, five answers; what is refused ---

open_case() # NAME
{
	printf 'case: %s\nage_class: adult\n' "$1" >"adult.yaml"
	cat >"consent.yaml" <<END
case: $1
given_by: adult
services: [emergency_shelter]
recipients: [TH.shelter]
data: [any]
purpose: assistance
phase: recovery
days: 30
understood: true
END
	as ngo case state "adult.yaml" >/dev/null && as ngo consent grant "consent.yaml" >/dev/null
}
refer() # NAME: says the message's id
{
	cat >"referral.yaml" <<END
to: TH.shelter
service: emergency_shelter
purpose: assistance
case: $1
urgency: urgent
basis: consent
fields: {given_name: Anoushada-Kemthong, offence_record: crossed without papers}
END
	as ngo refer "referral.yaml" --wait 20 --json | sed -n 's/.*"message_id": *"\([^"]*\)".*/\1/p' | head -n 1
}
received()
{
	as shelter show "$1" --json
}
open_case blue-door && open_case green-door || exit 1
for i in 1 2 3 4 5 6; do
	message=$(refer "$([ "$i" -lt 3 ] && echo blue-door || echo green-door)")
	until_true received "$message" || exit 1
	[ "$i" -eq 6 ] || as shelter decline "$message" --reason no_capacity --wait 20 >/dev/null || exit 1
done
printf 'to: TH.shelter\nservice: emergency_shelter\npurpose: assistance\ncase: nobody\nurgency: urgent\nbasis: consent\nfields: {given_name: Anoushada}\n' >"refused.yaml"
as ngo refer "refused.yaml" --wait 20 >/dev/null 2>&1

holds 'the referrals' csv 'forwarded,consent,total,6'
holds 'each with a field withheld' csv 'withheld,SECRET,total,6'
holds 'declined for lack of room' csv 'declined,no_capacity,total,5' --by service
holds 'by the shelter' csv 'declined,no_capacity,TH.shelter,5' --by agency
holds 'within the hour' csv 'response_time,within_1h,total,5'
holds 'two consents are too few to be told' csv 'consents_given,-,total,<5' --by agency
holds 'one refusal too' csv 'refused_by_rule,rule_15,total,<5'
holds 'nothing without a ground, provably' csv 'forwarded_without_basis,total,total,0'
holds 'no child without a guardian' csv 'child_without_guardian,total,total,0' --by role
holds 'nothing of another year' csv 'forwarded,total,total,0' --from 2020-01 --until 2020-12
holds 'JSON says the same' ends 0 '"must_be_zero": true' indicators --as json
holds 'people read it in their language' ends 0 'Sin capacidad' indicators --language es
holds 'no small count in any form' eval '! indicators --as csv --by agency | grep -q -E ",[1-4]\r?$"'
holds 'a month that is none' ends 2 'expected a month' indicators --from 2026-13
holds 'a form that is none' ends 2 'expected one of' indicators --by person
holds 'a period that is none' ends 2 'before' indicators --from 2026-03 --until 2026-01
holds 'without case keys' ends 2 'case keys' indicators --without-keys
holds 'the recount agrees beside the running broker' ends 0 '^matches' indicators --recount

# --- an agency's own statement, which the broker could not make ---

this=$(date -u +%Y-%m) last=$(date -u -d "$(date -u +%Y-%m-15) -1 month" +%Y-%m)
holds 'what would be told of this month: two cases are too few' ends 0 'not told, for a count of it is small' as shelter aggregate --month "$this"
holds 'which is not over yet' ends 2 'not over' as shelter aggregate --month "$this" --send
holds 'that of the last month' ends 0 'none' as shelter aggregate --month "$last" --send
is_recorded()
{
	as shelter aggregate --month "$last" | grep -q 'recorded as leaf'
}
holds 'is a leaf of the trail' until_true is_recorded
holds 'and the auditor has it' ends 0 "$last TH.shelter\$" indicators
holds 'counted as one' csv 'aggregate_statements,-,total,<5'
holds 'the trail verifies with it' until_true ends 0 'verifies' "$programs/nrm" audit verify --trail data --authority keys/authority/authority.pub --signatures
holds 'and its export' ends 0 'leaves' "$programs/nrm" audit export "export" --trail data

# --- forgotten, restarted ---

holds 'a case forgotten' as ngo case forget blue-door
holds 'its referrals stay counted' csv 'withheld,SECRET,total,6'
holds 'the order, alone without a ground, hides those with one' csv 'forwarded,consent,total,-'
holds 'the forgetting is' csv 'cases_forgotten,-,total,<5'
holds 'the recount says what it cannot see' ends 0 'forgotten cases are in the sums alone' indicators --recount
stop broker
start_broker
until_true connected ngo || exit 1
holds 'after a start it goes on' eval 'refer green-door >/dev/null; csv withheld,SECRET,total,7'
holds 'and agrees' ends 0 '^matches' indicators --recount

# --- changed in a copy ---

stop broker
cp -r data "copy"
/usr/bin/python3 - "copy/store/data.mdb" <<'END'
import sys
name = sys.argv[1]
data = bytearray(open(name, "rb").read())
state = data.find(b"tallies")
assert state > 0
# A sum's row: key u16(month) u32(participant). Its month is after 2026 began; a bit of each such row's last byte is turned.
turned = 0
for page in range(0, len(data), 4096):
    at = data.find(b"\x02\xa0", page, page + 4096)
    for month in range(672, 700):
        key = month.to_bytes(2, "big") + (0).to_bytes(3, "big")
        at = data.find(key, page, page + 4096)
        while at >= 0:
            if data[at - 2:at] == b"\x06\x00":
                data[at + 6 + 20] ^= 1
                turned += 1
            at = data.find(key, at + 1, page + 4096)
assert turned
open(name, "wb").write(data)
END
trail=copy
holds 'a changed row is found' ends 1 'does not verify' indicators
holds 'by the recount as well' ends 1 'does not' indicators --recount
trail=data
holds 'the original still agrees' ends 0 '^matches' indicators --recount
holds 'no name in any log' eval '! grep -q -e Anoushada *.log'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
