#!/usr/bin/env bash
# Runs every notebook with the Python at hand, which in colab.yml is the one of Colab's image: top to bottom, each in
# a folder of its own, with the packages that are there and the library of this checkout.
set -uo pipefail
shopt -s nullglob
course=$(cd "$(dirname "$0")/.." && pwd)
export COLORIZE_PROFILE=quick

python3 --version
python3 -m pip install --quiet --no-deps "$course" || exit 1
python3 -m pip list 2>/dev/null | grep -E '^(colorize-lib|ipykernel|ipython|keras|numpy|tensorflow) '

failed=()
for notebook in "$course"/notebooks/*.ipynb "$course"/notebooks/student/*.ipynb; do
  folder=$(mktemp -d)
  # What the first cell installs in Colab is the last release; the question here is about this checkout.
  sed "s|git+https[^\"\\\\]*|$course|" "$notebook" >"$folder/notebook.ipynb"
  echo "${notebook#"$course"/}"
  python3 -m nbconvert --log-level WARN --to notebook --execute --ExecutePreprocessor.timeout=600 \
    --output executed "$folder/notebook.ipynb" || failed+=("${notebook#"$course"/}")
  rm -r "$folder"
done
echo "${#failed[@]} failed: ${failed[*]}"
[ ${#failed[@]} = 0 ]
