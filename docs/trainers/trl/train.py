"""Fine-tunes a causal language model on rows of {"prompt", "completion"} with TRL; the loss is on the completion only.

    python train.py --init <model> --dataset dataset.jsonl --output <folder> [--lora-rank 64]

With --lora-rank 0 all weights are trained. The folder appears when everything is in it, so that a job which was
ended half-way leaves nothing that looks like a model.
"""

import argparse
import os

from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoTokenizer
from trl import SFTConfig, SFTTrainer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--init", required=True, help="path or hub name of the weights to start from")
    parser.add_argument("--dataset", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--learning-rate", type=float, default=2e-5)
    parser.add_argument("--batch-size", type=int, default=32, help="rows for each step of the optimiser")
    parser.add_argument("--rows-at-once", type=int, default=4, help="rows on the GPU at the same time")
    parser.add_argument("--max-length", type=int, default=2048)
    parser.add_argument("--lora-rank", type=int, default=64)
    options = parser.parse_args()

    unfinished = f"{options.output}.part"
    config = SFTConfig(
        output_dir=unfinished,
        seed=options.seed,
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        lr_scheduler_type="cosine",
        warmup_ratio=0.03,
        per_device_train_batch_size=options.rows_at_once,
        gradient_accumulation_steps=max(1, options.batch_size // options.rows_at_once),
        max_length=options.max_length,
        completion_only_loss=True,
        bf16=True,
        gradient_checkpointing=True,
        save_strategy="no",
        logging_steps=5,
        report_to=[],
    )
    lora = LoraConfig(
        r=options.lora_rank, lora_alpha=2 * options.lora_rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    trainer = SFTTrainer(
        model=options.init,
        args=config,
        train_dataset=load_dataset("json", data_files=options.dataset, split="train"),
        processing_class=AutoTokenizer.from_pretrained(options.init),
        peft_config=lora if options.lora_rank > 0 else None,
    )
    trainer.train()
    trainer.save_model(unfinished)
    os.rename(unfinished, options.output)


if __name__ == "__main__":
    main()
