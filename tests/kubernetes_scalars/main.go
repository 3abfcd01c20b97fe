// Says of each line of the standard input what the YAML reader of Kubernetes takes it for, as the value of a key:
// text, number, boolean, null, or error.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		fmt.Fprintln(out, takenFor(lines.Text()))
	}
}

func takenFor(scalar string) string {
	read, err := yaml.YAMLToJSON([]byte("v: " + scalar + "\n"))
	if err != nil {
		return "error"
	}
	var whole map[string]any
	if json.Unmarshal(read, &whole) != nil {
		return "error"
	}
	switch whole["v"].(type) {
	case string:
		return "text"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case nil:
		return "null"
	default:
		return "other"
	}
}
