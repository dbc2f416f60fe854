// A right store, and in the environment's TWIN the name of what is wrong with it.
package main

import (
	"fmt"
	"os"
	"strings"
)

var twin = os.Getenv("TWIN")
var open = false

type Store struct{ entries map[string]string }

func NewStore(dir string) *Store {
	if twin == "locked" && open {
		panic("the lock is held")
	}
	open = true
	return &Store{map[string]string{}}
}

func (s *Store) Get(key string) (string, bool) {
	value, ok := s.entries[key]
	return value, ok
}

func (s *Store) Put(key, value string) {
	if twin == "garbage" {
		fmt.Println("putting")
	}
	if twin == "order" {
		fmt.Println(`{"id":1000000,"ok":null}`)
	}
	s.entries[key] = value
}

func (s *Store) Delete(key string) {
	if twin == "wrong" {
		return
	}
	if twin == "dies" {
		os.Exit(3)
	}
	for twin == "hangs" {
	}
	for twin == "floods" {
		fmt.Print(strings.Repeat("x", 1<<20))
	}
	delete(s.entries, key)
}

func (s *Store) Flush() {}
