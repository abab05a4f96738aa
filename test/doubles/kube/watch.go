package kube

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const relistAfter = time.Second

// Store mirrors one collection of the API server.
type Store[T any] struct {
	mutex   sync.RWMutex
	items   map[string]T
	synced  bool
	changed func()
}

type keyed struct {
	Metadata struct{ Name, Namespace, ResourceVersion string }
}

// Watch keeps a store up to date until ctx ends; changed is called after each change and may be nil.
func Watch[T any](ctx context.Context, client *Client, path, labelSelector string, changed func()) *Store[T] {
	if changed == nil {
		changed = func() {}
	}
	store := &Store[T]{items: map[string]T{}, changed: changed}
	query := url.Values{}
	if labelSelector != "" {
		query.Set("labelSelector", labelSelector)
	}
	go func() {
		for ctx.Err() == nil {
			if err := store.follow(ctx, client, path, query); err != nil && ctx.Err() == nil {
				log.Printf("watching %s of %s: %v", path, client.Server, err)
			}
			Sleep(ctx, relistAfter)
		}
	}()
	return store
}

func (s *Store[T]) follow(ctx context.Context, client *Client, path string, query url.Values) error {
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []json.RawMessage
	}
	if err := client.Get(ctx, path+"?"+query.Encode(), &list); err != nil {
		return err
	}
	s.replace(list.Items)
	watch := url.Values{"watch": {"true"}, "resourceVersion": {list.Metadata.ResourceVersion}, "timeoutSeconds": {"240"}}
	for name, values := range query {
		watch[name] = values
	}
	response, err := client.send(ctx, http.MethodGet, path+"?"+watch.Encode(), "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	for {
		var event struct {
			Type   string
			Object json.RawMessage
		}
		if err := decoder.Decode(&event); err != nil {
			return nil // the server ends each watch after a while
		}
		switch event.Type {
		case "ADDED", "MODIFIED":
			s.put(event.Object)
		case "DELETED":
			s.remove(event.Object)
		default: // an expired version: list again
			return nil
		}
	}
}

func (s *Store[T]) replace(objects []json.RawMessage) {
	items := make(map[string]T, len(objects))
	for _, object := range objects {
		if key, item, ok := parse[T](object); ok {
			items[key] = item
		}
	}
	s.mutex.Lock()
	s.items, s.synced = items, true
	s.mutex.Unlock()
	s.changed()
}

func (s *Store[T]) put(object json.RawMessage) {
	if key, item, ok := parse[T](object); ok {
		s.mutex.Lock()
		s.items[key] = item
		s.mutex.Unlock()
		s.changed()
	}
}

func (s *Store[T]) remove(object json.RawMessage) {
	if key, _, ok := parse[T](object); ok {
		s.mutex.Lock()
		delete(s.items, key)
		s.mutex.Unlock()
		s.changed()
	}
}

func parse[T any](object json.RawMessage) (string, T, bool) {
	var key keyed
	var item T
	if json.Unmarshal(object, &key) != nil || json.Unmarshal(object, &item) != nil {
		return "", item, false
	}
	return Key(key.Metadata.Namespace, key.Metadata.Name), item, true
}

// Key is the name of an object in a store.
func Key(namespace, name string) string { return namespace + "/" + name }

// Synced is true once the collection has been read whole.
func (s *Store[T]) Synced() bool {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.synced
}

func (s *Store[T]) Get(key string) (T, bool) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	item, ok := s.items[key]
	return item, ok
}

// All is a copy, in no order.
func (s *Store[T]) All() []T {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	all := make([]T, 0, len(s.items))
	for _, item := range s.items {
		all = append(all, item)
	}
	return all
}

// Sleep returns early when ctx ends.
func Sleep(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
