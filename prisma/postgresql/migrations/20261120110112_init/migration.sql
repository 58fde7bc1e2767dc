-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "password_hash" TEXT,
    "password_changed_at" BIGINT,
    "created_at" BIGINT NOT NULL,
    "last_sign_in_at" BIGINT,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "digest" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "resource" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_lifetime_seconds" INTEGER NOT NULL,
    "signing_alg" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL,

    CONSTRAINT "resource_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "resource_alias" (
    "alias" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,

    CONSTRAINT "resource_alias_pkey" PRIMARY KEY ("alias")
);

-- CreateTable
CREATE TABLE "resource_scope" (
    "resource_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "risk" TEXT NOT NULL,
    "is_default" BOOLEAN NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "resource_scope_pkey" PRIMARY KEY ("resource_id","scope")
);

-- CreateTable
CREATE TABLE "client" (
    "id" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "claimed_name" TEXT NOT NULL,
    "software_id" TEXT,
    "proven_host" TEXT,
    "redirect_hosts" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "secret_digest" TEXT,
    "metadata_digest" TEXT NOT NULL,
    "resource_ceiling" TEXT,
    "set_by_file" BOOLEAN NOT NULL DEFAULT false,
    "created_at" BIGINT NOT NULL,
    "updated_at" BIGINT NOT NULL,
    "removed_at" BIGINT,

    CONSTRAINT "client_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consent" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "redirect_host" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "metadata_digest" TEXT NOT NULL,
    "stay_connected" BOOLEAN NOT NULL,
    "granted_at" BIGINT NOT NULL,
    "expires_at" BIGINT,
    "revoked_at" BIGINT,

    CONSTRAINT "consent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "id" TEXT NOT NULL,
    "alg" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "public_jwk" TEXT NOT NULL,
    "sealed_private_jwk" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "activated_at" BIGINT,
    "retired_at" BIGINT,

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "account_id" TEXT,
    "client_id" TEXT,
    "resource" TEXT,
    "grant_id" TEXT,
    "address" TEXT,
    "request_id" TEXT,
    "detail" TEXT NOT NULL,
    "position" BIGINT,
    "previous_hash" TEXT,
    "hash" TEXT,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_head" (
    "id" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,
    "seal" TEXT NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authorization_code" (
    "digest" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "expires_at" BIGINT NOT NULL,
    "consumed_at" BIGINT,

    CONSTRAINT "authorization_code_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "refresh_family" (
    "digest" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "current_digest" TEXT NOT NULL,
    "previous_digest" TEXT,
    "rotated_at" BIGINT,
    "sealed_successor" TEXT,
    "payload" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "used_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,
    "ends_at" BIGINT NOT NULL,

    CONSTRAINT "refresh_family_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "protocol_grant" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "consent_id" TEXT,
    "resource" TEXT,
    "payload" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "protocol_grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "browser_session" (
    "digest" TEXT NOT NULL,
    "uid" TEXT NOT NULL,
    "account_id" TEXT,
    "payload" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,
    "used_at" BIGINT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "browser_session_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "interaction" (
    "digest" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "interaction_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "replay_mark" (
    "digest" TEXT NOT NULL,
    "expires_at" BIGINT NOT NULL,

    CONSTRAINT "replay_mark_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "pushed_request" (
    "digest" TEXT NOT NULL,
    "client_id" TEXT,
    "payload" TEXT NOT NULL,
    "expires_at" BIGINT NOT NULL,
    "consumed_at" BIGINT,

    CONSTRAINT "pushed_request_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "registration_token" (
    "digest" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "payload" TEXT NOT NULL,
    "created_at" BIGINT NOT NULL,

    CONSTRAINT "registration_token_pkey" PRIMARY KEY ("digest")
);

-- CreateIndex
CREATE UNIQUE INDEX "account_email_key" ON "account"("email");

-- CreateIndex
CREATE UNIQUE INDEX "resource_identifier_key" ON "resource"("identifier");

-- CreateIndex
CREATE INDEX "resource_alias_resource_id_idx" ON "resource_alias"("resource_id");

-- CreateIndex
CREATE INDEX "client_state_created_at_idx" ON "client"("state", "created_at");

-- CreateIndex
CREATE INDEX "consent_account_id_client_id_redirect_host_resource_id_idx" ON "consent"("account_id", "client_id", "redirect_host", "resource_id");

-- CreateIndex
CREATE INDEX "consent_client_id_idx" ON "consent"("client_id");

-- CreateIndex
CREATE INDEX "signing_key_alg_state_idx" ON "signing_key"("alg", "state");

-- CreateIndex
CREATE UNIQUE INDEX "audit_event_position_key" ON "audit_event"("position");

-- CreateIndex
CREATE INDEX "audit_event_account_id_id_idx" ON "audit_event"("account_id", "id");

-- CreateIndex
CREATE INDEX "audit_event_client_id_id_idx" ON "audit_event"("client_id", "id");

-- CreateIndex
CREATE INDEX "authorization_code_expires_at_idx" ON "authorization_code"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_family_grant_id_idx" ON "refresh_family"("grant_id");

-- CreateIndex
CREATE INDEX "refresh_family_expires_at_idx" ON "refresh_family"("expires_at");

-- CreateIndex
CREATE INDEX "protocol_grant_consent_id_idx" ON "protocol_grant"("consent_id");

-- CreateIndex
CREATE INDEX "protocol_grant_account_id_idx" ON "protocol_grant"("account_id");

-- CreateIndex
CREATE INDEX "protocol_grant_client_id_idx" ON "protocol_grant"("client_id");

-- CreateIndex
CREATE INDEX "protocol_grant_expires_at_idx" ON "protocol_grant"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "browser_session_uid_key" ON "browser_session"("uid");

-- CreateIndex
CREATE INDEX "browser_session_account_id_idx" ON "browser_session"("account_id");

-- CreateIndex
CREATE INDEX "browser_session_expires_at_idx" ON "browser_session"("expires_at");

-- CreateIndex
CREATE INDEX "interaction_expires_at_idx" ON "interaction"("expires_at");

-- CreateIndex
CREATE INDEX "replay_mark_expires_at_idx" ON "replay_mark"("expires_at");

-- CreateIndex
CREATE INDEX "pushed_request_expires_at_idx" ON "pushed_request"("expires_at");

-- CreateIndex
CREATE INDEX "registration_token_client_id_idx" ON "registration_token"("client_id");

-- AddForeignKey
ALTER TABLE "resource_alias" ADD CONSTRAINT "resource_alias_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "resource_scope" ADD CONSTRAINT "resource_scope_resource_id_fkey" FOREIGN KEY ("resource_id") REFERENCES "resource"("id") ON DELETE CASCADE ON UPDATE CASCADE;
