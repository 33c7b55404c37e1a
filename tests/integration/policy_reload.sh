#!/bin/bash
# A signed policy from the authority's desk to the verdict: a real broker and two agents; the policy is exchanged while they
# run, and what is wrong with a new one leaves the old one in force. One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country
limit=60

country "$root/build/policy_reload" <<YAML
- {id: TH.police-bangkok, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter-lotus, name: Shelter, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML

text_of()
{
	sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1
}

refer()
{
	as police refer "$root/config/demo/referrals/1-police-to-shelter.yaml" --wait 20 --json
}

# sign VERSION [SED]: the shipped policy under another number, changed, signed into its place; prints its digest.
sign()
{
	sed -E "s/^version: 1/version: $1/; ${2-}" "$root/config/policy.yaml" >policy.yaml
	"$programs/nrm" policy sign policy.yaml --key keys/authority --out policy.signed |
		sed -n "s/.*version $1, digest \([0-9a-f]\{64\}\)\$/\1/p"
}

# sign_unread FILE: signs what it does not read, as a careless authority might: SignedDocument {document, signature}.
sign_unread()
{
	local length
	length=$(stat -c %s "$1")
	{ printf 'nrm/v1/policy\0' && cat "$1"; } >unread
	openssl pkeyutl -sign -rawin -inkey keys/authority/authority.pem -in unread -out unread.signature
	printf '\12'
	# shellcheck disable=SC2059 # the length as a varint of three bytes
	printf "$(printf '\\x%02x\\x%02x\\x%02x' $((length & 127 | 128)) $((length >> 7 & 127 | 128)) $((length >> 14)))"
	cat "$1"
	printf '\22\100'
	cat unread.signature
}

reload=("$programs/nrm" policy reload --data data)

# last MEMBER: of the trail's last leaf of a kind.
last()
{
	"$programs/nrm" audit show --trail data --json | grep "\"kind\":\"$1\"" | tail -n 1
}

logged()
{
	grep -Eq -- "$1" broker.log
}

# agent_has AGENCY VERSION: the agent holds the policy of that version.
agent_has()
{
	as "$1" status --json | grep -Eq "\"policy_version\": *$2,.*\"connected\"|\"connected\": *true.*\"policy_version\": *$2,"
}

# --- signed or not at all ---

cp "$root/config/policy.yaml" policy.signed
holds 'a broker does not start under a policy that nobody signed' \
	ends 2 'policy\.signed: expected a policy signed by the authority.*nrm policy sign' \
	"$programs/nrm-brokerd" --config broker.yaml
holds 'and has made nothing' test ! -e data
first=$(sign 1)
holds 'a policy is signed, and its digest told' test "${#first}" -eq 64
start_broker
for agency in police shelter; do
	start_agent "$agency"
done
for agency in police shelter; do
	holds "the $agency's agent is handed the policy" until_true agent_has "$agency" 1
done

# --- a stricter policy, while everybody is connected ---

as police consent grant "$root/config/demo/consents/1-shelter.yaml" --wait 20 >/dev/null
as police case state "$root/config/demo/cases/adult.yaml" --wait 20 >/dev/null
answer=$(refer)
holds 'a referral is forwarded' grep -Eq '"state": *"(forwarded|delivered)"' <<<"$answer"
holds 'under the first policy' grep -q "\"policy_digest\":\"$first\"" <<<"$(last referral)"

second=$(sign 2 's/^- \{from: \[any\], to: \[immigration_enforcement\].*/&\n- {from: [police], to: [shelter]}/')
holds 'a stricter policy is reloaded' ends 0 "^good policy version=2 digest=$second\$" "${reload[@]}"
holds 'the log tells of it' logged "event=policy version=2 digest=$second"
holds 'the trail has it' grep -q "\"document_digest\":\"$second\",\"document_version\":2" <<<"$(last policy)"
for agency in police shelter; do
	holds "the $agency's agent is handed it without asking" until_true agent_has "$agency" 2
done
answer=$(refer)
holds 'the next referral is refused' grep -q '"reason": *"FIREWALL"' <<<"$answer"
holds 'under the second policy' grep -q "\"policy_digest\":\"$second\"" <<<"$(last referral)"
holds 'once more it is as before' ends 0 "^good policy version=2 digest=$second, as before\$" "${reload[@]}"
holds 'which is no news' logged 'event=policy_unchanged version=2'

does_not_sign_backwards()
{
	cp second.signed policy.signed
	cp "$root/config/policy.yaml" .
	ends 2 'policy\.yaml: version: expected more than 2, which policy\.signed has' \
		"$programs/nrm" policy sign policy.yaml --key keys/authority --out policy.signed &&
		cmp second.signed policy.signed
}

# --- what is wrong is refused, and the second one stays ---

stays()
{
	refer | grep -q '"reason": *"FIREWALL"' && last referral | grep -q "\"policy_digest\":\"$second\""
}

sed -E 's/^version: 1/version: 3/; s/^consulates: .*/consulates: [consulate]/' "$root/config/policy.yaml" >policy.yaml
line=$(grep -n '^consulates:' policy.yaml | cut -d: -f1)
holds 'a policy with a mistake is not signed' ends 2 "policy\.yaml:$line:[0-9]+: consulates\[0\]: unknown role" \
	"$programs/nrm" policy sign policy.yaml --key keys/authority --out policy.signed
holds 'so that the file is as it was' ends 0 'as before' "${reload[@]}"
cp policy.signed second.signed
cp policy.yaml policy.signed
holds 'one that nobody signed is refused' ends 2 '^nrm: refused policy .*policy\.signed: expected .*nrm policy sign' "${reload[@]}"
sign_unread policy.yaml >policy.signed
holds 'one with a mistake, signed by other means, is refused with its line' \
	ends 2 "^nrm: refused policy .*policy\.signed:$line:[0-9]+: consulates\[0\]: unknown role" "${reload[@]}"
holds 'which the log has' logged "event=policy_refused error=\".*policy\.signed:$line:[0-9]+: consulates\[0\]: "
rm policy.signed
sign 2 >/dev/null
holds 'another of the same version is refused' ends 2 'policy\.signed: version: expected more than 2, which is in force' "${reload[@]}"
rm policy.signed
sign 1 >/dev/null
holds 'and an older one' ends 2 'policy\.signed: version: expected more than 2, which is in force' "${reload[@]}"
holds 'the second one is in force all the while' stays
holds 'nor does the authority sign backwards' does_not_sign_backwards

# --- over a restart ---

stop broker
holds 'the number of a broker that has ended is gone' test ! -e data/broker.pid
holds 'nothing is reloaded where no broker runs' ends 2 'broker\.pid: ' "${reload[@]}"
echo "$$" >data/broker.pid
holds 'nor is a stranger signalled' ends 2 "process $$ is no nrm-brokerd" "${reload[@]}"
rm data/broker.pid
rm policy.signed
sign 1 >/dev/null
holds 'a broker does not start under an older policy' \
	ends 2 'policy is older than the last one in force here' "$programs/nrm-brokerd" --config broker.yaml
rm policy.signed
third=$(sign 3)
start_broker
for agency in police shelter; do
	holds "the $agency's agent has the third policy with the Welcome" until_true agent_has "$agency" 3
done
answer=$(refer)
holds 'what was refused is forwarded again' grep -Eq '"state": *"(forwarded|delivered)"' <<<"$answer"
holds 'under the third policy' grep -q "\"policy_digest\":\"$third\"" <<<"$(last referral)"
holds 'the trail verifies' until_true verify --trail data
for one in police shelter broker; do
	stop "$one"
done

# --- a test broker without a signature, on books of its own: those who know the other trail must not meet it ---

sed 's/^policy:.*/policy: policy.yaml\nunsigned_policy: true/; s/^data:.*/data: unsigned/' broker.yaml >unsigned.yaml
cp "$root/config/policy.yaml" .
start_broker unsigned.yaml
holds 'a test broker takes a plain policy, with a warning' logged 'level=warning .*event=policy_unsigned'
sed 's/^version: 1/version: 2/' "$root/config/policy.yaml" >policy.yaml
holds 'and another' ends 0 '^good policy version=2' "$programs/nrm" policy reload --data unsigned
warned_twice()
{
	[ "$(grep -c 'level=warning .*event=policy_unsigned' broker.log)" -eq 2 ]
}
holds 'with a warning again' warned_twice

[ "$failed" -eq 0 ] || tail -n 20 broker.log
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
