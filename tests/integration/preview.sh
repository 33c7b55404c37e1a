#!/bin/bash
# What an agency foresees before it sends, with real programs: the preview says refuse, then forward; the verdict agrees; and
# where another agency changed the case while this one was cut off, the difference is shown. Also who may ask about a case.
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country

# --- a country of three: police, shelter, hospital ---

country "$root/build/preview" <<END
- {id: TH.police, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
- {id: TH.hospital, name: Hospital, kind: government, roles: [health], services: [medical_checkup], keys: keys/hospital}
END
start_country

# --- the forms ---

cat >"referral.yaml" <<END
to: TH.shelter
service: emergency_shelter
purpose: assistance
case: blue-door
urgency: urgent
basis: consent
fields:
  given_name: Anoushada-Kemthong
  languages: Lao of Champasak
  skills: weaving of silk
END
cat >"consent.yaml" <<END
case: blue-door
given_by: adult
services: [emergency_shelter]
recipients: [TH.shelter]
data: [any]
purpose: assistance
phase: recovery
days: 30
understood: true
END
printf 'case: blue-door\nage_class: adult\n' >"adult.yaml"
sed 's/TH.shelter/TH.hospital/; s/emergency_shelter/medical_checkup/; s/blue-door/orchid/' "referral.yaml" >"to-hospital.yaml"
sed 's/TH.shelter/TH.hospital/; s/emergency_shelter/medical_checkup/; s/blue-door/orchid/' "consent.yaml" >"hospital.yaml"

# --- foreseen, and so it comes ---

holds 'nobody asked her yet' asked police 1 preview "referral.yaml" --json
holds 'refused for want of consent' says '"reason":"NO_CONSENT"'
holds 'the consent that is wanting' says '"consent_needed":{"services":\["emergency_shelter"\],"recipients":\["TH.shelter"\]'
holds 'in words' asked police 1 preview "referral.yaml"
holds 'in words: what' says 'This message would be refused'
holds 'in words: whose word counts' says "The broker's decision is the one that counts"
holds 'nothing was sent' asked police 0 outbox --json
holds 'nothing is in the outbox' says '^\[\]$'

holds 'her consent' asked police 0 consent grant "consent.yaml"
holds 'her age' asked police 0 case state "adult.yaml"
holds 'now it would go on' asked police 0 preview "referral.yaml" --json
holds 'with one field withheld' says '"withheld":{"skills":"NOT_NEEDED"}'
holds 'as the broker knows the case now' says '"knowledge":"fresh"'
foreseen=$(sed 's/.*\("forwarded":\[[^]]*\]\).*/\1/' "said")
holds 'it is sent' asked police 0 refer "referral.yaml" --wait 20 --json
holds 'the same arrives' says "${foreseen//[/\\[}"
holds 'the broker agrees' says '"preview_differs":false'
case_id=$(member case_id)
holds 'no preview holds a value' asked police 0 preview "referral.yaml"
holds 'no name' says_not Anoushada
holds 'no language' says_not Champasak

# --- who may ask about the case ---

holds 'the police opened it' asked police 0 case show blue-door
holds 'and manage it' says 'manages it'
holds 'the shelter is a party to it' asked shelter 0 case show "$case_id" --json
holds 'it sees the consent that reaches it' says '"recipients":\["TH.shelter"\]'
holds 'the hospital is none' asked hospital 1 case show "$case_id" --json
holds 'and learns nothing' says '"known":false,.*"card":{},"contributed":\[\],"consents":\[\]'

# --- cut off, while another agency changes the case ---

asked shelter 0 case name orchid "$case_id" || failed=1
holds 'she agrees to the hospital' asked shelter 0 consent grant "hospital.yaml"
holds 'that would go on' asked shelter 0 preview "to-hospital.yaml"
stop shelter
sed -i "s#$endpoint#tcp://127.0.0.1:9#" "shelter.yaml" # nobody is there
start_agent shelter
holds 'it would go on, as far as is known' asked shelter 0 preview "to-hospital.yaml" --json
holds 'by what was kept' says '"knowledge":"kept"'
holds 'it is sent' asked shelter 0 refer "to-hospital.yaml" --wait 0 --json
message=$(member message_id)
holds 'she changes her mind' asked police 0 consent withdraw --case blue-door
stop shelter
sed -i "s#tcp://127.0.0.1:9#$endpoint#" "shelter.yaml"
start_agent shelter
refused()
{
	asked shelter 0 show "$message" --json && says '"state":"refused"'
}
until_true refused
holds 'a difference' says '"preview_differs":true'
holds 'it is shown' asked shelter 0 show "$message"
holds 'in words' says 'The broker decided otherwise than this preview: This message would go on'
holds 'what is told now' asked shelter 1 preview "to-hospital.yaml" --json
holds 'fits the verdict' says '"reason":"CONSENT_WITHDRAWN"'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
