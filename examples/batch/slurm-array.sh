#!/bin/bash
# One task of a Slurm array does one shard, on one core. Submit with as many tasks as shards:
#   sbatch --array=1-50 --export=ALL,SHARDS=50,MANIFEST=studies.csv,RESULTS=/shared/results slurm-array.sh
#SBATCH --job-name=ovcf
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=ovcf-%a.log
set -eu
srun ovcf batch work --manifest "$MANIFEST" --shard "$SLURM_ARRAY_TASK_ID/$SHARDS" --out "$RESULTS"
