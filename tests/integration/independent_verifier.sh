#!/bin/bash
# An auditor's offline side: a small real trail is exported beside the running broker, verified by us and by a verifier written
# from the public formats in another language; then it is spoiled in every way, and both must say no. Needs Debian's
# python3-cryptography. One line a check; the last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 2

. tests/integration/checks
. tests/integration/country
work=$root/build/independent_verifier
theirs=$root/tests/independent_verifier
export PYTHONDONTWRITEBYTECODE=1

if ! /usr/bin/python3 -c 'import cryptography' 2>/dev/null; then
	echo 'needs python3-cryptography'
	echo '0 passed, 1 failed'
	exit 1
fi
country "$work" <<YAML
- {id: TH.police-bangkok, name: Police, kind: government, roles: [police], services: [police_protection], keys: keys/police}
- {id: TH.shelter-lotus, name: Lotus House, kind: ngo, roles: [shelter], services: [emergency_shelter], keys: keys/shelter}
YAML
start_country

audit()
{
	"$programs/nrm" audit "$@"
}

verifier()
{
	/usr/bin/python3 "$theirs/verify.py" "$@"
}

# spoil WAY OPTION...: a spoiled copy of the export.
spoil()
{
	local way=$1
	shift
	/usr/bin/python3 "$theirs/spoil.py" "$way" export "spoiled/$way" "$@"
}

# --- a person is referred; what is exported beside the running broker ---

refer()
{
	as police refer "$root/config/demo/referrals/1-police-to-shelter.yaml" --wait 20 --json
}

delivered()
{
	refer | grep -q '"state": *"delivered"'
}

as police consent grant "$root/config/demo/consents/1-shelter.yaml" --wait 20 >/dev/null
as police case state "$root/config/demo/cases/adult.yaml" --wait 20 >/dev/null
for _ in 1 2 3; do
	refer >/dev/null
done
authority=$(cat keys/authority/authority.pub)
trail_key=$(find keys -name trail.pem | head -n 1)

# nothing_waits: all leaves are under the signed checkpoint.
nothing_waits()
{
	audit verify --trail data | grep -q '; 0 leaves came after it'
}

until_true nothing_waits || exit 2
holds 'the trail verifies, every signature too' \
	ends 0 'signatures: [0-9]+ statements by their senders and 3 acknowledgements' \
	audit verify --trail data --authority "$authority" --signatures --remember remembered
holds 'a part of it is exported' ends 0 'export: [0-9]+ leaves, [0-9]+ of them new' audit export export --trail data
cp export/checkpoint older
cp -r export before
for _ in 1 2 3 4 5 6; do
	refer >/dev/null
done
until_true nothing_waits || exit 2
holds 'what came since is added to it' ends 0 'export: [0-9]+ leaves, 1[0-9] of them new' audit export export --trail data --views
holds 'and a third time there is nothing to add' ends 0 ', 0 of them new' audit export export --trail data --views
only_added()
{
	local file
	find before -type f | grep -Ev '/(checkpoint|README)$' | while read -r file; do
		cmp "$file" "export/${file#before/}" || return 1
	done
}
holds 'no file of the first export has changed' only_added

# --- both say yes ---

ours=(audit verify --authority "$authority" --export)
holds 'we verify it' ends 0 '^verifies$' "${ours[@]}" export
holds 'so does the independent verifier, views too' ends 0 '^verifies$' verifier --authority "$authority" --views --export export
holds 'it follows from the checkpoint remembered before: we' \
	ends 0 '^verifies$' "${ours[@]}" export --since remembered --remember remembered
holds 'so that the next look reads nothing twice' ends 0 '^verifies$' "${ours[@]}" export --since remembered
holds 'it follows from the older one: the independent verifier' \
	ends 0 '^verifies$' verifier --authority "$authority" --export export --remembered older
holds 'the live trail follows from it too' ends 0 '^verifies$' audit verify --trail data --since older

# --- a proof of one leaf ---

verifier_key=$("$programs/nrm" directory show directory.signed --json | grep -o 'nrm/TH+[0-9a-f]*+[A-Za-z0-9+/=]*' | head -n 1)
holds 'a leaf is proved from the trail' ends 0 '' audit prove 4 --trail data --out leaf.tlog-proof
holds 'and from the export' ends 0 '' audit prove 4 --export export --out exported.tlog-proof
holds 'we check the proof with the key alone' ends 0 'leaf 4 of a trail of' audit check leaf.tlog-proof --key "$verifier_key"
holds 'and with the signed directory' ends 0 'signed by the authority given' \
	audit check exported.tlog-proof --directory directory.signed --authority "$authority"
holds 'so does the independent verifier' ends 0 '^leaf 4 of ' verifier --proof leaf.tlog-proof --key "$verifier_key"
sed 's/^index 4$/index 3/' leaf.tlog-proof >wrong.tlog-proof
holds 'of another leaf it proves nothing: we' ends 1 'does not lead to the root' audit check wrong.tlog-proof --key "$verifier_key"
holds 'of another leaf it proves nothing: the independent verifier' \
	ends 1 'does not' verifier --proof wrong.tlog-proof --key "$verifier_key"
holds 'a leaf that is not there yet cannot be proved' ends 2 'not under the signed checkpoint' audit prove 99999 --trail data

# --- every way of spoiling it ---

# refused WAY PATTERN [OPTION...]: both say no; the options are for both of them. What ours finds fits the pattern.
refused()
{
	local way=$1 pattern=$2
	shift 2
	holds "$way: we" ends 1 "$pattern" "${ours[@]}" "spoiled/$way" "$@"
	holds "$way: the independent verifier" ends 1 '^does not verify: ' verifier --authority "$authority" --views \
		--export "spoiled/$way" "${@/--since/--remembered}"
}

mkdir spoiled
for way in changed_leaf removed_leaf inserted_leaf reordered_leaves; do
	spoil "$way"
	refused "$way" 'does not verify: tile/(entries|0)/000\.p/[0-9]+: leaf [0-9]+: '
	spoil "${way}_with_tiles"
	refused "${way}_with_tiles" 'does not verify: '
done
spoil changed_tile
refused changed_tile 'tile/entries/000\.p/[0-9]+: leaf 0: the hash in the tile is not that of the leaf'
spoil removed_tile
refused removed_tile 'tile/0/000\.p/[0-9]+: leaf 0: the file is missing'
spoil changed_view
refused changed_view "views/000: leaf 0: oversight's view does not match its digest"
spoil changed_policy
refused changed_policy 'policy that the leaf was written under is not there'
spoil changed_checkpoint
refused changed_checkpoint 'checkpoint: the checkpoint is not signed'
spoil wrong_key --other keys/authority/authority.pem
refused wrong_key 'checkpoint: the checkpoint is not signed'
spoil wrong_origin --key "$trail_key"
refused wrong_origin 'checkpoint: the checkpoint is of another trail'

# Whole and signed, but not what was seen before.
mkdir spoiled/older_checkpoint
cp -r before/. spoiled/older_checkpoint
holds 'an older export verifies by itself' ends 0 '^verifies$' "${ours[@]}" spoiled/older_checkpoint
refused older_checkpoint 'older than the one remembered' --since remembered
for way in forked forked_and_grown; do
	spoil "$way" --key "$trail_key"
	rm -r "spoiled/$way/views" # which would tell
	holds "$way verifies by itself" ends 0 '^verifies$' audit verify --export "spoiled/$way" --key "$verifier_key"
	holds "$way: we" ends 1 'not the one remembered: its root at that size is another' \
		audit verify --export "spoiled/$way" --key "$verifier_key" --since older
	holds "$way: the independent verifier" ends 1 'does not verify: the tree of|two roots' \
		verifier --key "$verifier_key" --export "spoiled/$way" --remembered older
done
spoil from_the_future --key "$trail_key"
holds 'a leaf from the future' ends 1 'leaf [0-9]+: the leaf is dated in the future' \
	audit verify --export spoiled/from_the_future --key "$verifier_key"

# Witnesses.
spoil cosigned --other keys/shelter/witness.pem --name nrm/TH.shelter-lotus
witness_key=$(/usr/bin/python3 - keys/shelter/witness.pem nrm/TH.shelter-lotus <<-'PYTHON'
	import base64, hashlib, sys
	from cryptography.hazmat.primitives import serialization as s
	key = s.load_pem_private_key(open(sys.argv[1], "rb").read(), None).public_key()
	raw = key.public_bytes(s.Encoding.Raw, s.PublicFormat.Raw)
	typed, name = b"\x04" + raw, sys.argv[2]
	identity = hashlib.sha256(name.encode() + b"\n" + typed).hexdigest()[:8]
	print(name, identity, base64.b64encode(typed).decode(), sep="+")
PYTHON
)
holds 'an agency that cosigned vouches: we' ends 0 '^1 witnesses vouch for it' "${ours[@]}" spoiled/cosigned --quorum 1
holds 'an agency that cosigned vouches: the independent verifier' ends 0 'vouched for by 1' \
	verifier --authority "$authority" --export spoiled/cosigned --witness "$witness_key" --quorum 1
holds 'two are not there: we' ends 1 'too few witnesses vouch' "${ours[@]}" spoiled/cosigned --quorum 2
holds 'a cosignature that is missing: we' ends 1 'too few witnesses vouch' "${ours[@]}" export --quorum 1
holds 'a cosignature that is missing: the independent verifier' ends 1 'expected 1 witnesses, found 0' \
	verifier --authority "$authority" --export export --witness "$witness_key" --quorum 1
spoil bad_cosignature --other keys/shelter/witness.pem --name nrm/TH.shelter-lotus
holds 'a cosignature over something else: we' ends 1 'a cosignature of the checkpoint does not verify' \
	"${ours[@]}" spoiled/bad_cosignature
holds 'a cosignature over something else: the independent verifier' ends 1 'does not verify' \
	verifier --authority "$authority" --export spoiled/bad_cosignature --witness "$witness_key"

# --- what could not be checked, and what belongs to nobody else ---

holds 'a folder that is not there' ends 2 'could not check' "${ours[@]}" nowhere
holds 'a folder without a checkpoint' ends 2 'could not check' "${ours[@]}" keys
holds 'the authority of another country' ends 1 'not signed by the authority given' \
	audit verify --export export --authority "$(printf '%064d' 0 | sed 's/0$/9/; s/^0/5/')"
holds 'views are not left behind unawares' ends 2 'has oversight.s views' audit export export --trail data
holds 'nor exported without the case keys' ends 2 'needs the case keys' audit export other --trail data --views --without-keys
mkdir elsewhere
cp -r export/. elsewhere
cp spoiled/forked/checkpoint elsewhere/
holds "another trail's folder is not added to" ends 1 'not the beginning of this trail|shorter than what was exported|not signed' \
	audit export elsewhere --trail data --views

# --- following, and a person's own record ---

"$programs/nrm" audit follow --trail data >followed &
follower=$!
sleep_until_seen()
{
	refer >/dev/null
	grep -q 'referral  *TH.police-bangkok -> TH.shelter-lotus' followed
}
holds 'leaves are told as they come' until_true sleep_until_seen
kill -INT "$follower"
wait "$follower"
holds 'until it is interrupted' test $? -eq 0
case_id=$(audit show --trail data --case-ids --json | sed -n 's/.*"case_id":"\([0-9a-f]*\)".*/\1/p' | head -n 1)
holds 'a person reads who received what' ends 0 'Lotus House' audit case "$case_id" --trail data --language en
holds 'under which consent' ends 0 'Under consent number: [0-9a-f]{32}' audit case "$case_id" --trail data --language en
holds 'in her language, as a page' ends 0 '<html lang="km">' audit case "$case_id" --trail data --language km --as html
value=$(sed -n 's/^ *given_name: *//p' "$root/config/demo/referrals/1-police-to-shelter.yaml" | tr -d '"')
no_value()
{
	[ -n "$value" ] && ! { audit case "$case_id" --trail data --language en; audit show --trail data; cat leaf.tlog-proof; } |
		grep -q "$value" && ! grep -rqa "$value" export
}
holds 'never what her data says' no_value
holds 'of a case that is not there nothing is told' ends 1 'no case of this id' audit case "$(printf '%032d' 7)" --trail data

# --- a larger tree, with full tiles on two levels ---

if [ -x "$programs/tests/bench_leaves" ]; then
	(cd "$root" && "$programs/tests/bench_leaves" --leaves 70000 "$work/xx" "$work/large") >/dev/null
	holds 'a trail of 70,000 leaves is exported' ends 0 '7[0-9]{4} leaves' audit export tall --trail large
	holds 'and verified by us' ends 0 '^verifies$' audit verify --export tall --authority xx/authority/authority.pub
	holds 'and by the independent verifier' ends 0 '^verifies$' \
		verifier --authority "$(cat xx/authority/authority.pub)" --export tall
	# never_wrong: an export that is killed at any moment is none yet, or a whole one.
	never_wrong()
	{
		local moment status
		for moment in 0.01 0.03 0.05 0.08 0.12 0.2; do
			timeout -s KILL "$moment" "$programs/nrm" audit export killed --trail large >/dev/null 2>&1
			audit verify --export killed >/dev/null 2>&1
			status=$?
			[ "$status" -eq 0 ] || [ "$status" -eq 2 ] || return 1
		done
	}
	holds 'an export that is killed at some moment is never a wrong one' never_wrong
	until_free()
	{
		audit export killed --trail large | grep -q 'leaves'
	}
	holds 'the next one makes it whole' until_true until_free
	holds 'which verifies' ends 0 '^verifies$' audit verify --export killed --authority xx/authority/authority.pub
	holds 'and is the same as one that nothing interrupted' diff -r tall killed
	/usr/bin/python3 "$theirs/spoil.py" changed_upper_tile tall spoiled/upper
	holds 'a hash of an upper tile that was changed: we' ends 1 'tile/1/000: leaves [0-9]+ to [0-9]+: a hash of the tile' \
		audit verify --export spoiled/upper
	holds 'a hash of an upper tile that was changed: the independent verifier' ends 1 'does not verify' \
		verifier --authority "$(cat xx/authority/authority.pub)" --export spoiled/upper
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
