// LevelDB's port to Go, behind the lines of src/driver.rs. Everything read is verified.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

var (
	db                *leveldb.DB
	nativeCompactions bool
)

var commands = map[string]func([]string) ([]string, error){
	"open": open, "close": closed, "get": get, "scan": scan, "write": write, "compact": compact,
}

// The bytes that a word stands for: a point and hexadecimal digits, or - for none.
func data(word string) []byte {
	if word == "-" {
		return nil
	}
	bytes, err := hex.DecodeString(word[1:])
	if err != nil {
		panic(err)
	}
	return bytes
}

func word(data []byte) string {
	return "." + hex.EncodeToString(data)
}

func open(words []string) ([]string, error) {
	nativeCompactions = false
	options := &opt.Options{Strict: opt.StrictAll}
	for _, setting := range words[1:] {
		name, value, _ := strings.Cut(setting, "=")
		number, _ := strconv.Atoi(value)
		switch name {
		case "write_buffer_size":
			options.WriteBuffer = number
		case "block_size":
			options.BlockSize = number
		case "block_restart_interval":
			options.BlockRestartInterval = number
		case "table_size":
			options.CompactionTableSize = number
		case "bloom_filter_bits":
			if number > 0 {
				options.Filter = filter.NewBloomFilter(number)
			}
		case "compactions":
			nativeCompactions = value == "native"
		case "compression":
			if value == "none" {
				options.Compression = opt.NoCompression
			}
		default:
			return nil, fmt.Errorf("no option %s", name)
		}
	}
	opened, err := leveldb.OpenFile(string(data(words[0])), options)
	if err == nil {
		db = opened
	}
	return nil, err
}

func closed([]string) ([]string, error) {
	if db == nil {
		return nil, nil
	}
	closing := db
	db = nil
	return nil, closing.Close()
}

func get(words []string) ([]string, error) {
	value, err := db.Get(data(words[0]), nil)
	if err == leveldb.ErrNotFound {
		return []string{"-"}, nil
	}
	return []string{word(value)}, err
}

func scan(words []string) ([]string, error) {
	entries := db.NewIterator(&util.Range{Start: data(words[0]), Limit: data(words[1])}, nil)
	defer entries.Release()
	step := entries.Next
	if words[2] == "backwards" {
		step = func() bool { step = entries.Prev; return entries.Last() }
	}
	limit, err := strconv.Atoi(words[3])
	if err != nil {
		limit = -1
	}
	found := []string{}
	for ; limit != 0 && step(); limit-- {
		found = append(found, word(entries.Key()), word(entries.Value()))
	}
	return found, entries.Error()
}

func write(words []string) ([]string, error) {
	batch := new(leveldb.Batch)
	for at := 0; at < len(words); at += 2 {
		if words[at+1] == "-" {
			batch.Delete(data(words[at]))
		} else {
			batch.Put(data(words[at]), data(words[at+1]))
		}
	}
	return nil, db.Write(batch, nil)
}

// With no change in the log, its compaction removes the log and leaves its name in the manifest,
// which etalon takes for damage: so there is one, unless the compaction is to be "native".
func compact([]string) ([]string, error) {
	if !nativeCompactions {
		if err := db.Delete([]byte("a key that nobody ever writes"), nil); err != nil {
			return nil, err
		}
	}
	return nil, db.CompactRange(util.Range{})
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<28)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		answer, err := commands[words[0]](words[1:])
		if err != nil {
			answer = append([]string{"error"}, strings.Fields(err.Error())...)
		} else {
			answer = append([]string{"ok"}, answer...)
		}
		fmt.Println(strings.Join(answer, " "))
	}
}
