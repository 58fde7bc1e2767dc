-- AlterTable
ALTER TABLE "resource" ADD COLUMN     "second_factor" TEXT NOT NULL DEFAULT 'never';

-- AlterTable
ALTER TABLE "client" ADD COLUMN     "invited_by" TEXT,
ADD COLUMN     "last_used_at" BIGINT;

-- CreateTable
CREATE TABLE "upstream" (
    "id" TEXT NOT NULL,
    "preset" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "sealed_client_secret" TEXT,
    "settings" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "set_by_file" BOOLEAN NOT NULL DEFAULT false,
    "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL,

    CONSTRAINT "upstream_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upstream_identity" (
    "id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "upstream_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "linked_at" BIGINT NOT NULL,
    "last_used_at" BIGINT,

    CONSTRAINT "upstream_identity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upstream_state" (
    "digest" TEXT NOT NULL,
    "browser_digest" TEXT NOT NULL,
    "upstream_id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "interaction_id" TEXT,
    "client_id" TEXT,
    "account_id" TEXT,
    "return_to" TEXT,
    "sealed" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "upstream_state_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "upstream_token" (
    "account_id" TEXT NOT NULL,
    "upstream_id" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "expires_at" BIGINT,
    "updated_at" BIGINT NOT NULL,

    CONSTRAINT "upstream_token_pkey" PRIMARY KEY ("account_id","upstream_id","resource_id")
);

-- CreateTable
CREATE TABLE "totp_factor" (
    "account_id" TEXT NOT NULL,
    "sealed_seed" TEXT NOT NULL,
    "last_step" BIGINT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "confirmed_at" BIGINT,
    "last_used_at" BIGINT,

    CONSTRAINT "totp_factor_pkey" PRIMARY KEY ("account_id")
);

-- CreateTable
CREATE TABLE "passkey" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "aaguid" TEXT NOT NULL,
    "backed_up" BOOLEAN NOT NULL,
    "created_at" BIGINT NOT NULL,
    "last_used_at" BIGINT,

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recovery_code" (
    "digest" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "used_at" BIGINT,

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "pending_sign_in" (
    "digest" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "amr" TEXT NOT NULL,
    "password_stamp" BIGINT NOT NULL,
    "detail" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "pending_sign_in_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "passkey_ceremony" (
    "digest" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "account_id" TEXT,
    "browser_digest" TEXT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "passkey_ceremony_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "sign_in_throttle" (
    "key" TEXT NOT NULL,
    "failures" INTEGER NOT NULL,
    "since" BIGINT NOT NULL,
    "blocked_until" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "sign_in_throttle_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "initial_access_token" (
    "id" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "uses_left" INTEGER,
    "used" INTEGER NOT NULL DEFAULT 0,
    "created_by" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,
    "revoked_at" BIGINT,

    CONSTRAINT "initial_access_token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "upstream_identity_account_id_idx" ON "upstream_identity"("account_id");

-- CreateIndex
CREATE UNIQUE INDEX "upstream_identity_issuer_subject_key" ON "upstream_identity"("issuer", "subject");

-- CreateIndex
CREATE INDEX "upstream_state_expires_at_idx" ON "upstream_state"("expires_at");

-- CreateIndex
CREATE INDEX "passkey_account_id_idx" ON "passkey"("account_id");

-- CreateIndex
CREATE INDEX "recovery_code_account_id_idx" ON "recovery_code"("account_id");

-- CreateIndex
CREATE INDEX "pending_sign_in_account_id_idx" ON "pending_sign_in"("account_id");

-- CreateIndex
CREATE INDEX "pending_sign_in_expires_at_idx" ON "pending_sign_in"("expires_at");

-- CreateIndex
CREATE INDEX "passkey_ceremony_expires_at_idx" ON "passkey_ceremony"("expires_at");

-- CreateIndex
CREATE INDEX "sign_in_throttle_expires_at_idx" ON "sign_in_throttle"("expires_at");

-- CreateIndex
CREATE INDEX "rate_limit_expire_idx" ON "rate_limit"("expire");

-- CreateIndex
CREATE UNIQUE INDEX "initial_access_token_digest_key" ON "initial_access_token"("digest");
