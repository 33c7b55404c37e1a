#!/bin/bash
# What people write by hand and get wrong: each mistake is answered with the file, the line, the key and what was
# expected, exit status 2, and nothing is started or changed.
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=${NRM_BUILD:-build/release}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# refused WHAT PATTERN... -- COMMAND...: exit status 2, and each pattern somewhere in what it says.
refused()
{
	local what=$1 patterns=() said status pattern
	shift
	while [ "$1" != -- ]; do
		patterns+=("$1")
		shift
	done
	shift
	said=$(timeout 20 "$@" 2>&1)
	status=$?
	if [ "$status" -ne 2 ]; then
		echo "$what: expected exit status 2, found $status: $said"
		failed=1
	fi
	for pattern in "${patterns[@]}"; do
		if ! grep -q -e "$pattern" <<<"$said"; then
			echo "$what: expected $pattern, found: $said"
			failed=1
		fi
	done
}

# with FILE SED: a copy of a file of config/demo, changed.
with()
{
	sed "$2" "$1" >"$dir/changed.yaml"
}

"$bin/nrm" key new "$dir/authority" --authority >/dev/null || exit 1
"$bin/nrm" key new TH.nrm "$dir/broker-keys" --broker >/dev/null || exit 1
mkdir -p "$dir/public/broker"
cp "$dir/broker-keys/public.yaml" "$dir/public/broker/"
for agency in police hospital shelter education labour legal-aid coordinator; do
	id=$(awk -v keys="$agency" '/^- id:/ { id = $3 } $1 == "keys:" && $2 == keys { print id }' config/demo/participants.yaml)
	"$bin/nrm" key new "$id" "$dir/$agency" >/dev/null || exit 1
	mkdir "$dir/public/$agency"
	cp "$dir/$agency/public.yaml" "$dir/public/$agency/"
done
sign=("$bin/nrm" directory sign --keys "$dir/public" --key "$dir/authority" --out "$dir/directory.signed")

# participants
with config/demo/participants.yaml 's/roles: \[education\]/roles: [teacher]/'
refused 'unknown role' 'changed.yaml:[0-9]*' roles teacher -- "${sign[@]}" "$dir/changed.yaml"
with config/demo/participants.yaml 's/^version: 1/version: one/'
refused 'version that is no number' 'changed.yaml:[0-9]*' version -- "${sign[@]}" "$dir/changed.yaml"
with config/demo/participants.yaml 's/id: TH.shelter-lotus/id: TH.police-bangkok/'
refused 'two with one id' TH.police-bangkok -- "${sign[@]}" "$dir/changed.yaml"
[ ! -e "$dir/directory.signed" ] || { echo 'a directory was signed'; failed=1; }
"${sign[@]}" config/demo/participants.yaml >/dev/null || { echo 'the good directory is not signed'; failed=1; }

# the broker's configuration, its policy, its keys
cat >"$dir/broker.yaml" <<END
id: TH.nrm
listen: ["tcp://127.0.0.1:*"]
data: broker
keys: broker-keys
authority: authority/authority.pub
directory: directory.signed
policy: policy.signed
END
sign_policy=("$bin/nrm" policy sign --key "$dir/authority" --out "$dir/policy.signed")
sed 's/\[police, prosecutor, court\]/[police, prosecutor, sheriff]/' config/policy.yaml >"$dir/policy.yaml"
refused 'unknown role in the policy' 'policy.yaml:[0-9]*' sheriff -- "${sign_policy[@]}" "$dir/policy.yaml"
[ ! -e "$dir/policy.signed" ] || { echo 'a bad policy was signed'; failed=1; }
"${sign_policy[@]}" config/policy.yaml >/dev/null || { echo 'the good policy is not signed'; failed=1; }
"$bin/nrm-brokerd" --config "$dir/broker.yaml" --check >/dev/null || { echo 'the good configuration is refused'; failed=1; }
with "$dir/broker.yaml" 's/^data:/dota:/'
refused 'unknown key' 'changed.yaml:3' dota -- "$bin/nrm-brokerd" --config "$dir/changed.yaml"
with "$dir/broker.yaml" 's/tcp:/udp:/'
refused 'not an endpoint' 'changed.yaml:2' listen tcp:// -- "$bin/nrm-brokerd" --config "$dir/changed.yaml"
with "$dir/broker.yaml" "s|policy.signed|$PWD/config/policy.yaml|"
refused 'a policy that nobody signed' 'nrm policy sign' -- "$bin/nrm-brokerd" --config "$dir/changed.yaml"
chmod 644 "$dir/broker-keys/trail.pem"
refused 'key that others may read' trail.pem permissions -- "$bin/nrm-brokerd" --config "$dir/broker.yaml"
chmod 600 "$dir/broker-keys/trail.pem"
printf 'x' >>"$dir/directory.signed"
refused 'damaged directory' directory -- "$bin/nrm-brokerd" --config "$dir/broker.yaml"
[ ! -e "$dir/broker/store" ] || { echo 'the broker made a store all the same'; failed=1; }

# an agency's configuration
cat >"$dir/agent.yaml" <<END
id: TH.police-bangkok
keys: police
broker: {endpoint: "tcp://127.0.0.1:7199", key: broker-keys/transport.public}
authority: authority/authority.pub
data: agent
END
"$bin/nrm-agentd" --config "$dir/agent.yaml" --check >/dev/null || { echo 'the good agent is refused'; failed=1; }
with "$dir/agent.yaml" 's/TH.police-bangkok/TH_police/'
refused 'not an id' 'changed.yaml:1' id -- "$bin/nrm-agentd" --config "$dir/changed.yaml"
with "$dir/agent.yaml" 's/keys: police/keys: hospital/'
refused "another agency's keys" 'another participant' -- "$bin/nrm-agentd" --config "$dir/changed.yaml"
chmod 640 "$dir/police/signing.pem"
refused 'key that the group may read' signing.pem permissions -- "$bin/nrm-agentd" --config "$dir/agent.yaml"

# forms, which are read before the agent is asked
referral=config/demo/referrals/1-police-to-shelter.yaml
with "$referral" 's/^service: .*/service: hotel/'
refused 'unknown service' 'changed.yaml:3' service hotel -- "$bin/nrm" refer "$dir/changed.yaml" --agent "$dir"
with "$referral" 's/given_name:/given_nome:/'
refused 'unknown field' 'changed.yaml:[0-9]*' given_nome -- "$bin/nrm" refer "$dir/changed.yaml" --agent "$dir"
with "$referral" 's/^basis: .*/basis: consent\nconsent_overridden: true/'
refused 'a tick that overrides consent' 'changed.yaml:9' consent_overridden -- "$bin/nrm" refer "$dir/changed.yaml" --agent "$dir"
with "$referral" 's/^basis: .*/basis: emergency/'
refused 'emergency without a reason' 'changed.yaml:8' basis emergency -- "$bin/nrm" refer "$dir/changed.yaml" --agent "$dir"
with "$referral" 's/^to: .*/to: *anchor/'
refused 'YAML aliases' changed.yaml -- "$bin/nrm" refer "$dir/changed.yaml" --agent "$dir"
with config/demo/cases/adult.yaml 's/adult$/grown/'
refused 'unknown age class' 'changed.yaml:[0-9]*' age_class -- "$bin/nrm" case state "$dir/changed.yaml" --agent "$dir"
with config/demo/consents/1-shelter.yaml 's/^understood: .*/understood: perhaps/'
refused 'neither yes nor no' 'changed.yaml:[0-9]*' understood -- "$bin/nrm" consent grant "$dir/changed.yaml" --agent "$dir"
refused 'no agent there' agent.sock -- "$bin/nrm" inbox --agent "$dir"

[ "$failed" -eq 0 ] && echo 'bad input is told apart and refused'
exit "$failed"
