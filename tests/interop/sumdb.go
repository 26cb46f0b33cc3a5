// The reader that other people wrote: Go's golang.org/x/mod/sumdb, unchanged, as Debian ships it.
//
// Each line of standard input is a question in JSON; each line of standard output is its answer:
// "ok", or why not. Only what sumdb does not know is here: the three lines of a checkpoint
// (C2SP tlog-checkpoint), the lines of a proof (C2SP tlog-proof), and the type 0x04 of a
// cosignature (C2SP tlog-cosignature), all in the words of those specifications.
package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask                    string
	Vkey, Note, Leaf, Root string
	Index, Size            int64
	Proof                  json.RawMessage
	First, Second          int64
	FirstRoot              string `json:"first_root"`
	SecondRoot             string `json:"second_root"`
	Timestamp              *int64
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := answer(asked); err != nil {
			fmt.Println(strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok")
		}
	}
}

func answer(asked question) error {
	switch asked.Ask {
	case "checkpoint":
		_, err := open(asked.Note, asked.Vkey)
		return err
	case "cosignature":
		return cosigned(asked)
	case "proof":
		return proven(asked)
	case "inclusion":
		leaf, root, proof, err := hashes(asked.Leaf, asked.Root, asked.Proof)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(proof, asked.Size, root, asked.Index, leaf)
	case "consistency":
		old, new, proof, err := hashes(asked.FirstRoot, asked.SecondRoot, asked.Proof)
		if err != nil {
			return err
		}
		return tlog.CheckTree(proof, asked.Second, new, asked.First, old)
	}
	return errors.New("not a question")
}

func open(signed, vkey string) (tlog.Tree, error) {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(log))
	if err != nil {
		return tlog.Tree{}, err
	}
	return tree(opened.Text, log.Name())
}

func tree(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != origin {
		return tlog.Tree{}, errors.New("not three lines of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("not a size")
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// cosigner is a note.Verifier of the signature type 0x04.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
	seen int64
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seen := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seen, text)
	if seen >= 1<<63 || !ed25519.Verify(c.key, []byte(signed), signature[8:]) {
		return false
	}
	c.seen = int64(seen)
	return true
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a vkey")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		return nil, errors.New("not the key of a cosigner")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	id := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", id) != parts[1] {
		return nil, errors.New("the key id is not the key's")
	}
	return &cosigner{name: parts[0], id: id, key: typed[1:]}, nil
}

func cosigned(asked question) error {
	who, err := newCosigner(asked.Vkey)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(asked.Note), note.VerifierList(who))
	if err != nil {
		return err
	}
	if asked.Timestamp != nil && *asked.Timestamp != who.seen {
		return errors.New("seen at another time")
	}
	_, err = tree(opened.Text, strings.SplitN(opened.Text, "\n", 2)[0])
	return err
}

func proven(asked question) error {
	var text string
	if err := json.Unmarshal(asked.Proof, &text); err != nil {
		return err
	}
	head, signed, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a proof")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra, err := base64.StdEncoding.DecodeString(lines[0][len("extra "):])
		if err != nil || len(extra) == 0 {
			return errors.New("not extra data")
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	written := lines[0][len("index "):]
	index, err := strconv.ParseInt(written, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != written {
		return errors.New("not an index")
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	signedTree, err := open(signed, asked.Vkey)
	if err != nil {
		return err
	}
	leaf, err := hash(asked.Leaf)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, signedTree.N, signedTree.Hash, index, leaf)
}

func hashes(first, second string, listed json.RawMessage) (a, b tlog.Hash, proof []tlog.Hash, err error) {
	var texts []string
	if err = json.Unmarshal(listed, &texts); err != nil {
		return
	}
	if a, err = hash(first); err != nil {
		return
	}
	if b, err = hash(second); err != nil {
		return
	}
	for _, text := range texts {
		one, err := hash(text)
		if err != nil {
			return a, b, nil, err
		}
		proof = append(proof, one)
	}
	return
}

func hash(text string) (tlog.Hash, error) {
	data, err := hex.DecodeString(text)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.ParseHash(base64.StdEncoding.EncodeToString(data))
}
