#!/bin/bash
# Every kind of mistake in what people write (configuration, policy, participants, referral, consent and case files, scenarios, key files) is told
# with file, line, key and what was expected; the exit status is 2 and nothing is started or changed. One line a check; the
# last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

programs=$PWD/${NRM_BUILD-build/release}
case ${NRM_BUILD-} in
/*) programs=$NRM_BUILD ;;
esac
root=$PWD
work=$root/build/bad_configuration
passed=0 failed=0
unset NRM_PASSPHRASE NRM_AGENT NRM_POLICY

rm -rf "$work"
mkdir -p "$work/keys"
cd "$work" || exit 2

pass()
{
	passed=$((passed + 1))
	echo "ok     $1"
}

fail()
{
	failed=$((failed + 1))
	echo "FAILED $1: $2"
}

# What a refused program must not have left behind.
started()
{
	ls -d data agent.sock {directory,policy}.bad.signed 2>/dev/null
}

# refused NAME PATTERN COMMAND...: exit status 2, and one line of standard error that matches the pattern.
refused()
{
	local name=$1 pattern=$2 status said left
	shift 2
	said=$(timeout 20 "$@" 2>&1 >stdout.txt </dev/null)
	status=$?
	left=$(started)
	if [ "$status" -ne 2 ]; then
		fail "$name" "exit status $status: $said"
	elif ! grep -Eq -- "$pattern" <<<"$said"; then
		fail "$name" "expected /$pattern/, got: $said"
	elif [ -s stdout.txt ]; then
		fail "$name" "it said something as if all were well: $(head -n 1 stdout.txt)"
	elif [ -n "$left" ]; then
		fail "$name" "it left $left"
	else
		pass "$name"
	fi
	rm -rf data agent.sock {directory,policy}.bad.signed
}

# accepted NAME COMMAND...: the twin without the mistake.
accepted()
{
	local name=$1 said
	shift
	if said=$(timeout 20 "$@" 2>&1 </dev/null); then
		pass "$name"
	else
		fail "$name" "$said"
	fi
}

# bad FILE SED: makes FILE's twin with a mistake, in its folder; prints its name.
bad()
{
	local twin=${1%.yaml}.bad.yaml
	sed -E "$2" "$1" >"$twin"
	cmp -s "$1" "$twin" && echo "no-change" >"$twin" # a pattern that no longer fits is seen at once
	echo "$twin"
}

# line FILE TEXT: the number of the first line that begins with TEXT.
line()
{
	grep -n -m 1 "^$2" "$1" | cut -d: -f1
}

for keys in authority:--authority nrm:--broker police: shelter:; do
	name=${keys%%:*}
	# shellcheck disable=SC2086 # of an agency there is no option
	"$programs/nrm" key new "TH.$name" "keys/${name/nrm/broker}" ${keys#*:} >/dev/null || exit 2
done
cp "$root/config/policy.yaml" .
cp "$root/agents/profiles/police.yaml" profile.yaml

cat >participants.yaml <<-'YAML'
	country: TH
	version: 1
	valid_from: 2026-01-01T00:00:00Z
	valid_until: 2036-01-01T00:00:00Z
	broker:
	  id: TH.nrm
	  endpoint: tcp://127.0.0.1:7199
	  keys: keys/broker
	participants:
	- id: TH.police
	  name: Police
	  kind: government
	  roles: [police]
	  services: [criminal_statement, police_protection, security_risk_assessment, witness_protection]
	  keys: keys/police
	- id: TH.shelter
	  name: Shelter
	  kind: ngo
	  roles: [shelter]
	  services: [emergency_shelter]
	  keys: keys/shelter
YAML
cat >broker.yaml <<-'YAML'
	id: TH.nrm
	listen:
	- tcp://127.0.0.1:7199
	data: data
	keys: keys/broker
	authority: keys/authority/authority.pub
	directory: directory.signed
	policy: policy.signed
	checkpoint_seconds: 1
	map_gib: 1
	reserve_mib: 1
	log_level: info
YAML
cat >agent.yaml <<-'YAML'
	id: TH.police
	keys: keys/police
	broker:
	  endpoint: tcp://127.0.0.1:7199
	  key: keys/broker/transport.public
	authority: keys/authority/authority.pub
	data: data
	socket: agent.sock
	profile: profile.yaml
YAML
cat >referral.yaml <<-'YAML'
	to: TH.shelter
	service: emergency_shelter
	purpose: assistance
	case: blue-door
	urgency: urgent
	region: TH-10
	basis: consent
	fields:
	  given_name: invented
	  languages: Lao
YAML
cat >consent.yaml <<-'YAML'
	case: blue-door
	given_by: adult
	services: [emergency_shelter]
	recipients: [TH.shelter]
	data: [identity, urgent_health_needs]
	purpose: assistance
	phase: crisis
	days: 30
	understood: true
	language: lo
	mode: oral
YAML
cat >case.yaml <<-'YAML'
	case: blue-door
	age_class: adult
YAML
cat >scenario.yaml <<-'YAML'
	country: TH
	participants:
	- {id: TH.police, roles: [police], services: [police_protection]}
	- {id: TH.shelter, roles: [shelter], services: [emergency_shelter]}
	cases:
	- name: nobody agreed
	  now: 2026-05-01T10:00:00Z
	  message: {type: referral, sender: TH.police, recipient: TH.shelter, service: emergency_shelter,
	            purpose: assistance, basis: none, fields: [given_name]}
	  expect: {outcome: refuse, reason: NO_CONSENT}
YAML

# --- participants: nrm directory sign ---

participants()
{
	local twin
	twin=$(bad participants.yaml "$3")
	refused "participants: $1" "^nrm( directory sign)?: .*$twin:$2" \
		"$programs/nrm" directory sign "$twin" --key keys/authority --out directory.bad.signed
}

accepted "participants without a mistake are signed" \
	"$programs/nrm" directory sign participants.yaml --key keys/authority --out directory.signed
participants "unknown role" '13:[0-9]+: participants\[0\]\.roles\[0\]: unknown role "polcie", did you mean "police"' 's/\[police\]/[polcie]/'
participants "unknown service" '20:[0-9]+: participants\[1\]\.services\[0\]: unknown service' 's/\[emergency_shelter\]/[shelter_bed]/'
participants "unknown kind" '12:[0-9]+: participants\[0\]\.kind: ' 's/government/state/'
participants "id without form" '10:[0-9]+: participants\[0\]\.id: expected ' 's/TH.police$/police/'
participants "keys of the broker" '15:[0-9]+: participants\[0\]\.keys: ' 's/- id: TH.police$/- id: TH.nrm/; s|keys/police|keys/broker|'
participants "id twice" '[0-9]+:[0-9]+: participants\[[01]\]\.id: expected ' 's/TH.shelter$/TH.police/; s|keys/shelter|keys/police|'
participants "another agency's keys" '21:[0-9]+: participants\[1\]\.keys: expected the keys of TH.shelter' 's|keys/shelter|keys/police|'
participants "keys that are not there" '15:[0-9]+: participants\[0\]\.keys: ' 's|keys/police|keys/nowhere|'
participants "no name" '10:[0-9]+: participants\[0\]: expected the key "name"|1[01]:[0-9]+: .*expected the key "name"' '/name: Police/d'
participants "no participant" '9:[0-9]+: participants: expected ' '/^- id/,/keys: keys.(police|shelter)/d; s/^participants:/participants: []/'
participants "version 0" '2:[0-9]+: version: expected ' 's/version: 1/version: 0/'
participants "version in words" '2:[0-9]+: version: expected ' 's/version: 1/version: first/'
participants "a time without form" '4:[0-9]+: valid_until: expected ' 's/2036-01-01T00:00:00Z/2036/'
participants "valid until before it begins" '4:[0-9]+: valid_until: expected ' 's/2036/2025/'
participants "country in small letters" '1:[0-9]+: country: expected ' 's/country: TH/country: th/'
participants "endpoint without a port" '7:[0-9]+: broker\.endpoint: expected ' 's/:7199//'
participants "unknown key" '3:[0-9]+: unknown key "valid_form", did you mean "valid_from"' 's/valid_from/valid_form/'
participants "key twice" '5:[0-9]+: version: the key occurs twice, first in line 2' 's/^broker:/version: 2\nbroker:/'
participants "no YAML" '5:[0-9]+: ' 's/^broker:/broker: ]/'
participants "an alias" '1:[0-9]+: .*expected ' 's/country: TH/country: \&c TH/'
participants "a second document" '[0-9]+:[0-9]+: expected one document only' '$s/$/\n---\nx: 1/'

accepted "a policy without a mistake is signed" "$programs/nrm" policy sign policy.yaml --key keys/authority

# --- the broker ---

broker()
{
	local twin
	twin=$(bad broker.yaml "$3")
	refused "broker: $1" "^nrm-brokerd: .*$2" "$programs/nrm-brokerd" --config "$twin"
}

accepted "a configuration of the broker without a mistake is good" "$programs/nrm-brokerd" --config broker.yaml --check
broker "id of an agency" 'broker\.bad\.yaml:1:[0-9]+: id: expected .*COUNTRY\.nrm' 's/TH.nrm/TH.shelter/'
broker "no id" 'broker\.bad\.yaml:[0-9]+:[0-9]+: expected the key "id"' '/^id/d'
broker "unknown key" 'broker\.bad\.yaml:8:[0-9]+: unknown key "polcy", did you mean "policy"' 's/^policy/polcy/'
broker "key twice" 'broker\.bad\.yaml:2:[0-9]+: id: the key occurs twice, first in line 1' '1s/$/\nid: TH.nrm/'
broker "nowhere to listen" 'broker\.bad\.yaml:2:[0-9]+: listen: expected ' 's/^listen:/listen: []/; /^- tcp/d'
broker "another transport" 'broker\.bad\.yaml:3:[0-9]+: listen\[0\]: expected tcp://ADDRESS:PORT' 's|tcp://|ipc://|'
broker "port beyond all" 'broker\.bad\.yaml:3:[0-9]+: listen\[0\]: expected tcp://ADDRESS:PORT' 's|7199|71990|'
broker "data in a list" 'broker\.bad\.yaml:4:[0-9]+: data: expected ' 's/^data:.*/data: [a]/'
broker "authority without form" 'broker\.bad\.yaml:6:[0-9]+: authority: expected 64 hexadecimal digits' 's/^authority:.*/authority: abcd/'
broker "a number beyond its range" 'broker\.bad\.yaml:9:[0-9]+: checkpoint_seconds: expected a number from 1 to 60' 's/^(checkpoint_seconds): 1/\1: 61/'
broker "a number that is none" 'broker\.bad\.yaml:10:[0-9]+: map_gib: expected a whole number' 's/^(map_gib): 1/\1: 12x/'
broker "unknown level" 'broker\.bad\.yaml:12:[0-9]+: log_level: expected error, warning, info or debug' 's/: info/: loud/'
broker "an anchor" 'broker\.bad\.yaml:4:[0-9]+: .*expected ' 's/^data:.*/data: \&here data/'
broker "a tag" 'broker\.bad\.yaml:4:[0-9]+: .*expected ' 's/^data:.*/data: !!str data/'
broker "no mapping" 'broker\.bad\.yaml:1:[0-9]+: .*expected ' '2,$d; s/.*/- id/'
refused "broker: configuration that is not there" '^nrm-brokerd: nowhere\.yaml: .+' "$programs/nrm-brokerd" --config nowhere.yaml
broker "keys that are not there" 'keys/nowhere/[a-z.]+: ' 's|keys/broker|keys/nowhere|'
broker "an agency's keys" "keys/police: these are an agency's keys, not the broker's" 's|keys/broker|keys/police|'
broker "a directory that is none" 'policy\.yaml: expected a signed directory' 's/^directory:.*/directory: policy.yaml/'
broker "a directory of another authority" 'directory' 's|^authority:.*|authority: 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c|'
broker "a policy that is not there" 'nowhere\.yaml: ' 's/^policy:.*/policy: nowhere.yaml/'

broker "a policy that nobody signed" 'policy\.yaml: expected a policy signed by the authority, as `nrm policy sign` makes it' 's/policy\.signed/policy.yaml/'
broker "neither signed nor not" 'broker\.bad\.yaml:9:[0-9]+: unsigned_policy: expected true or false' 's/^(policy: .*)/\1\nunsigned_policy: perhaps/'
"$programs/nrm" key new TH.other keys/other --authority >/dev/null || exit 2
"$programs/nrm" policy sign policy.yaml --key keys/other --out other.signed >/dev/null || exit 2
broker "a policy of another authority" 'other\.signed: not signed as a policy by the authority' 's/policy\.signed/other.signed/'
broker "the directory in the policy's place" 'directory\.signed: ' 's/policy\.signed/directory.signed/'

# --- the policy, as the authority signs it, and as a test broker takes it unsigned ---

policy()
{
	local twin
	twin=$(bad policy.yaml "$3")
	refused "policy: $1" "^nrm-brokerd: .*$twin:$2" "$programs/nrm-brokerd" --config policy-broker.yaml
	refused "policy, signing: $1" "^nrm: .*$twin:$2" "$programs/nrm" policy sign "$twin" --key keys/authority
}

sed 's/^policy:.*/policy: policy.bad.yaml\nunsigned_policy: true/' broker.yaml >policy-broker.yaml
wall=$(line policy.yaml '- {from: \[any\]')
minimum=$(line policy.yaml 'emergency:')
policy "unknown role in a wall" "$wall:[0-9]+: firewall\[0\]\.to\[0\]: unknown role" 's/to: \[immigration_enforcement\]/to: [immigration]/'
policy "unknown service" "[0-9]+:[0-9]+: [a-z_.0-9]+(\[[0-9]+\][a-z_.]*)+\[?[0-9]*\]?: unknown service" 's/services: \[safe_return\], purposes/services: [return_home], purposes/'
policy "unknown purpose" "[0-9]+:[0-9]+: purposes\.rows\[[0-9]+\]\.purposes\[0\]: unknown purpose" 's/(services: \[safe_return\], purposes: )\[return\]/\1[going_home]/'
policy "unknown key" "$minimum:[0-9]+: unknown key \"emergencies\"" 's/^emergency:/emergencies:/'
policy "no format" '[0-9]+:[0-9]+: .*"?format"?' '/^format:/d'
policy "no version" '[0-9]+:[0-9]+: .*"?version"?' '/^version:/d'
policy "version 0" '[0-9]+:[0-9]+: version: expected a number from 1 on' 's/^version: 1/version: 0/'
policy "another format" '[0-9]+:[0-9]+: format: expected ' 's/^format: 1/format: 2/'
policy "no walls at all" '[0-9]+:[0-9]+: firewall: ' '/^- \{from/,/^$/d; s/^firewall:/firewall: []/'

# --- scenarios ---

scenario()
{
	local twin
	twin=$(bad scenario.yaml "$3")
	refused "scenario: $1" "^nrm( policy test)?: .*$twin:$2" "$programs/nrm" policy test --policy policy.yaml "$twin"
}

accepted "scenarios without a mistake run" "$programs/nrm" policy test --policy policy.yaml scenario.yaml
scenario "unknown role" '3:[0-9]+: participants\[0\]\.roles\[0\]: unknown role' 's/\[police\]/[polcie]/'
scenario "unknown outcome" '[0-9]+:[0-9]+: cases\[0\]\.expect\.outcome: unknown outcome' 's/outcome: refuse/outcome: refused/'
scenario "unknown field" '[0-9]+:[0-9]+: cases\[0\]\.message\.fields\[0\]: unknown field' 's/given_name/first_name/'
scenario "unknown ground" '[0-9]+:[0-9]+: cases\[0\]\.message\.basis: unknown ' 's/basis: none/basis: override/'
scenario "unknown key" '[0-9]+:[0-9]+: cases\[0\]: unknown key "know"|7:[0-9]+: .*unknown key "know"' 's/^  now:/  know:/'

# --- the agent ---

agent()
{
	local twin
	twin=$(bad agent.yaml "$3")
	refused "agent: $1" "nrm-agentd.*$2" "$programs/nrm-agentd" --config "$twin"
}

accepted "a configuration of an agent without a mistake is good" "$programs/nrm-agentd" --config agent.yaml --check
agent "id without form" 'agent\.bad\.yaml:1:[0-9]+: id: expected ' 's/TH.police/police/'
agent "another agency's keys" 'TH\.(police|shelter)' 's|keys/police|keys/shelter|'
agent "keys that are not there" 'keys/nowhere/[a-z.]+: ' 's|keys/police|keys/nowhere|'
agent "no broker" 'agent\.bad\.yaml:[0-9]+:[0-9]+: expected the key "broker"' '/^broker/,/key: /d'
agent "endpoint without a scheme" 'agent\.bad\.yaml:4:[0-9]+: broker\.endpoint: expected tcp://HOST:PORT' 's|tcp://||'
agent "endpoint without a port" 'agent\.bad\.yaml:4:[0-9]+: broker\.endpoint: expected tcp://HOST:PORT' 's|:7199||'
agent "a broker's key that is none" 'agent\.bad\.yaml:5:[0-9]+: broker\.key: expected a key' 's|key: .*|key: abcd|'
agent "authority that is not there" 'agent\.bad\.yaml:6:[0-9]+: authority: expected 64 hexadecimal digits' 's|^authority:.*|authority: nowhere|'
agent "socket with too long a path" 'agent\.bad\.yaml:8:[0-9]+: socket: expected a path' "s|^socket:.*|socket: $(printf 'x%.0s' {1..200})|"
agent "unknown key" 'agent\.bad\.yaml:7:[0-9]+: unknown key "date", did you mean "data"' 's/^data/date/'
agent "a profile that is not there" 'nowhere\.yaml: ' 's/^profile:.*/profile: nowhere.yaml/'
sed 's/criminal_statement, police/criminal_statements, police/' profile.yaml >profile.bad.yaml
agent "a profile with a mistake" 'profile\.bad\.yaml:[0-9]+:[0-9]+: services\[0\]: unknown service "criminal_statements", did you mean' \
	's/^profile:.*/profile: profile.bad.yaml/'
sed 's/hours: 72/hours: 0/' profile.yaml >profile.bad.yaml
agent "a profile with a deadline of no time" 'profile\.bad\.yaml:[0-9]+:[0-9]+: deadlines\[2\]\.hours: expected ' \
	's/^profile:.*/profile: profile.bad.yaml/'

# --- what caseworkers write: told before the agent is asked ---

form()
{
	local twin
	twin=$(bad "$1.yaml" "$4")
	# shellcheck disable=SC2086 # the command's words are meant to be split
	refused "$1: $2" "^nrm[a-z ]*: .*$twin:$3" "$programs/nrm" ${command[$1]} "$twin" --agent "$work/agent.sock"
}

declare -A command=([referral]=refer [consent]="consent grant" [case]="case state")
form referral "no recipient" '[0-9]+:[0-9]+: expected the key "to"' '/^to:/d'
form referral "recipient without form" '1:[0-9]+: to: expected ' 's/TH.shelter/the shelter/'
form referral "unknown service" '2:[0-9]+: service: unknown service "emergency_shelte", did you mean "emergency_shelter"' 's/emergency_shelter/emergency_shelte/'
form referral "unknown purpose" '3:[0-9]+: purpose: unknown purpose' 's/assistance/help/'
form referral "unknown urgency" '5:[0-9]+: urgency: unknown urgency' 's/urgent/soonish/'
form referral "unknown ground" '7:[0-9]+: basis: unknown ' 's/basis: consent/basis: override/'
form referral "emergency without a reason" '7:[0-9]+: basis: expected its reason' 's/basis: consent/basis: emergency/'
form referral "unknown field" '9:[0-9]+: (fields: )?.*unknown key "first_name"' 's/given_name/first_name/'
form referral "a field twice" '10:[0-9]+: fields\.given_name: the key occurs twice, first in line 9' 's/languages/given_name/'
form referral "consent by a tick" '7:[0-9]+: unknown key "consent_overridden"' 's/basis: consent/consent_overridden: true\nbasis: consent/'
form referral "a field in a list" '10:[0-9]+: fields\.languages: expected ' 's/languages: Lao/languages: [Lao]/'
form consent "unknown giver" '2:[0-9]+: given_by: unknown ' 's/: adult/: friend/'
form consent "unknown category" '5:[0-9]+: data\[0\]: ' 's/identity/identitty/'
form consent "understood in words" '9:[0-9]+: understood: expected ' 's/understood: true/understood: mostly/'
form consent "recipient without form" '4:[0-9]+: recipients\[0\]: ' 's/\[TH.shelter\]/[everyone]/'
form case "unknown age class" '2:[0-9]+: age_class: unknown ' 's/adult/grown/'
form case "unknown fact" '2:[0-9]+: .*unknown key "age_klass", did you mean "age_class"' 's/age_class/age_klass/'
refused "referral: file that is not there" 'nowhere\.yaml: ' "$programs/nrm" refer nowhere.yaml --agent "$work/agent.sock"

# --- key files ---

# loose FILE PATTERN COMMAND...: refused while group or others may read the file, accepted again afterwards.
loose()
{
	local file=$1 mode name
	shift
	for mode in 0640 0604 0660; do
		name="key file $file with mode $mode"
		chmod "$mode" "$file"
		refused "$name" "$file: .*permissions are too loose" "$@"
	done
	chmod 0600 "$file"
}

loose keys/broker/trail.pem "$programs/nrm-brokerd" --config broker.yaml
loose keys/broker/transport.secret "$programs/nrm-brokerd" --config broker.yaml
loose keys/police/signing.pem "$programs/nrm-agentd" --config agent.yaml
loose keys/police/sealing.pem "$programs/nrm-agentd" --config agent.yaml
loose keys/police/witness.pem "$programs/nrm-agentd" --config agent.yaml
loose keys/police/transport.secret "$programs/nrm-agentd" --config agent.yaml
loose keys/authority/authority.pem "$programs/nrm" directory sign participants.yaml --key keys/authority --out directory.bad.signed

# broken FILE COMMAND...: a key file that is damaged, empty, or of another pair.
broken()
{
	local file=$1
	shift
	cp -p "$file" kept
	head -c 30 kept >"$file"
	refused "key file $file cut short" "$file: " "$@"
	: >"$file"
	refused "key file $file empty" "$file: " "$@"
	rm "$file"
	refused "key file $file not there" "$file: " "$@"
	cp -p "keys/shelter/$(basename "$file" | sed 's/trail/signing/; s/authority/signing/')" "$file"
	refused "key file $file of another pair" "$(dirname "$file")/" "$@"
	mv kept "$file"
}

broken keys/broker/trail.pem "$programs/nrm-brokerd" --config broker.yaml
broken keys/broker/transport.secret "$programs/nrm-brokerd" --config broker.yaml
broken keys/police/signing.pem "$programs/nrm-agentd" --config agent.yaml
broken keys/police/sealing.pem "$programs/nrm-agentd" --config agent.yaml

sed -i 's/^  possession: ../  possession: 00/' keys/shelter/public.yaml
refused "participants: a proof of possession that does not hold" 'public\.yaml:[0-9]+:[0-9]+: keys\[0\].*: expected a proof of possession' \
	"$programs/nrm" directory sign participants.yaml --key keys/authority --out directory.bad.signed

before=$(sha256sum keys/police/*.pem)
refused "keys are never overwritten" 'keys/police/[a-z.]+: .*exists already' "$programs/nrm" key new TH.police keys/police
if [ "$before" = "$(sha256sum keys/police/*.pem)" ]; then
	pass "and are as they were"
else
	fail "and are as they were" "changed"
fi
refused "key new: an id without form" 'expected an id' "$programs/nrm" key new police keys/new
accepted "after all that the configuration is good as before" "$programs/nrm-brokerd" --config broker.yaml --check

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
